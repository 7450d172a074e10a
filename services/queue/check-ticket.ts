import type { Ticket } from '../engine/ports.ts';

/** Throws when a ticket has no time: it would wait for ever. */
export function checkTicket({ runId, dueAt }: Ticket): void {
  if (!Number.isFinite(dueAt))
    throw new Error(`ticket of run ${runId}: dueAt must be epoch milliseconds, not ${dueAt}`);
}
