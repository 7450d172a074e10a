import type { Config } from '../config/read-config.ts';
import { isCompleted } from '../domain/phase.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { advanceRun } from '../engine/advance-run.ts';
import { createRun } from '../engine/create-run.ts';
import type { EngineDeps } from '../engine/deps.ts';
import type { Log } from '../engine/ports.ts';
import { terminateRun } from '../engine/terminate-run.ts';
import { systemClock } from '../queue/clock.ts';
import { embeddedQueue } from '../queue/embedded.ts';
import { memoryStore } from '../store/memory.ts';
import type { Program } from './command.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * The whole engine in this process, on a store in memory, for one run. Yields the run's states until it is completed. When `interrupted` aborts, the run is
 * asked to stop and goes on to its end; `signal` ends everything at once.
 */
export async function* runHere(
  run: AnalysisRun,
  config: Config,
  program: Program,
  { signal, interrupted }: { readonly signal: AbortSignal; readonly interrupted: AbortSignal },
): AsyncIterable<AnalysisRun> {
  const store = memoryStore();
  const queue = embeddedQueue(systemClock);
  const secrets = await program.createSecrets(config);
  const { measurer, close } = await program.createProviders(config, { clock: systemClock, secrets });
  const deps: EngineDeps = { store, queue, clock: systemClock, secrets, measurer, log: silent, shutdown: signal };
  // A pass fails only for a bug: the run would be tried again for ever, in silence.
  const broken = new AbortController();
  const stop = (error: unknown): undefined => void broken.abort(error);
  const ending = AbortSignal.any([signal, broken.signal]);
  try {
    const created = await createRun(deps, run);
    const runId = `${created.metadata.namespace}/${created.metadata.name}`;
    interrupted.addEventListener('abort', () => void terminateRun(deps, runId), { once: true });
    queue.start((ticket) => advanceRun(deps, ticket).catch(stop), { concurrency: 1 });
    yield created;
    const changes = store.watch({ kind: 'AnalysisRun' }, Number(created.metadata.resourceVersion), ending);
    for await (const { document } of changes) {
      const state = document as AnalysisRun;
      yield state;
      if (isCompleted(state.status?.phase)) return;
    }
    // The watch ends without a word when the signal aborts; say why.
    ending.throwIfAborted();
  } finally {
    await queue.stop();
    await store.close();
    close();
  }
}
