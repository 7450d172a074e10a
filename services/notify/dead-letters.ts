import type { DeadLetter } from '../domain/dead-letter.ts';
import type { Clock, Store } from '../engine/ports.ts';
import { type DeliveryDocument, deliveriesOf, dismissDelivery, idOf, keyOf, reviveDelivery } from './delivery.ts';

/** What was given up: to see, send again and forget. */
export function deadLetters({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
  return {
    /** Newest first, no more than `limit`. */
    async list(limit: number): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }> {
      const dead: DeliveryDocument[] = [];
      for await (const each of deadDeliveries(store)) dead.push(each);
      const newest = dead.sort((a, b) => (b.settledAt ?? 0) - (a.settledAt ?? 0)).slice(0, limit);
      return { total: dead.length, letters: newest.map(letterOf) };
    },
    /** Sends it again from the start. False: there is no such dead letter any more. */
    async retry(namespace: string, name: string): Promise<boolean> {
      return (await reviveDelivery(store, idOf({ namespace, name }), clock.now())) !== undefined;
    },
    /** Forgets it. False: as above. */
    async dismiss(namespace: string, name: string): Promise<boolean> {
      return (await dismissDelivery(store, idOf({ namespace, name }))) !== undefined;
    },
  };
}

export async function countDead(store: Store): Promise<number> {
  let count = 0;
  for await (const _dead of deadDeliveries(store)) count += 1;
  return count;
}

function deadDeliveries(store: Store): AsyncGenerator<DeliveryDocument> {
  return deliveriesOf(store, ({ state }) => state === 'dead');
}

function letterOf(delivery: DeliveryDocument): DeadLetter {
  const { notice, target, trigger, attempts, createdAt, settledAt, lastError } = delivery;
  const { namespace, name } = keyOf(delivery);
  return {
    namespace,
    name,
    trigger,
    service: target.service,
    // A callback's address may carry a password.
    recipient: target.recipient.replace(/\/\/[^@/]*@/u, '//*****@'),
    run: notice.run.name,
    sentence: notice.sentence,
    attempts,
    ...(lastError !== undefined && { lastError }),
    createdAt: new Date(createdAt).toISOString(),
    ...(settledAt !== undefined && { gaveUpAt: new Date(settledAt).toISOString() }),
  };
}
