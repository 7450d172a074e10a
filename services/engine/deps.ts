import type { Clock, Log, Measurer, Observer, Queue, Secrets, StatusListener, Store, Tracer } from './ports.ts';

/** What every verb works with; made once, where the program is put together. */
export interface EngineDeps {
  readonly store: Store;
  readonly queue: Pick<Queue, 'schedule'>;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly measurer: Measurer;
  readonly log: Log;
  readonly observer?: Observer;
  readonly listeners?: readonly StatusListener[];
  readonly tracer?: Tracer | undefined;
  /** Aborts when the process shuts down: passes under way then end without writing, and their tickets come again. */
  readonly shutdown?: AbortSignal;
}
