import type { Clock } from '../engine/ports.ts';
import { connectRedis, keyPrefix, type RedisPlace } from './connection.ts';

const COMPARE_EVERY_MS = 30_000;

/** KEYS any of Assay's: in a Cluster it is the clock of the node that has them which tells what is due. */
const TIME = "return redis.call('TIME')";

/**
 * Redis' clock for all processes, so that a due time means the same moment on every machine: this machine's clock and how far it was off when it was last
 * compared. Until Redis has answered once it is this machine's.
 */
export async function redisClock(place: RedisPlace, own: Clock): Promise<Clock & { close(): void }> {
  const redis = connectRedis(place, 'assay-clock');
  let aheadMs = 0;
  const compare = async (): Promise<void> => {
    const before = own.now();
    const [seconds, microseconds] = (await redis.eval(TIME, 1, `${keyPrefix(place)}meta`)) as readonly string[];
    const after = own.now();
    const foundMs = Math.round((before + after) / 2 - (Number(seconds) * 1000 + Number(microseconds) / 1000));
    // A difference from the last comparison that is no longer than the question took says nothing.
    if (Math.abs(foundMs - aheadMs) > after - before + 1) aheadMs = foundMs;
  };
  // The store tells when Redis is away; the last comparison stays good for long.
  const compareIfThere = (): Promise<void> => compare().catch(() => undefined);
  const timer = setInterval(() => void compareIfThere(), COMPARE_EVERY_MS);
  await compareIfThere();
  return {
    now: () => own.now() - aheadMs,
    sleepUntil: (epochMs, signal) => own.sleepUntil(epochMs + aheadMs, signal),
    close: () => {
      clearInterval(timer);
      redis.disconnect();
    },
  };
}
