import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../services/queue/clock.ts';
import { redisClock } from '../../../services/redis/clock.ts';
import { startRedis } from '../../support/redis.ts';

afterEach(() => void vi.useRealTimers());

it('keeps what the last comparison found when a later one takes long', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  const redis = await startRedis();
  let looks = 0;
  let eachLookTakesMs = 0;
  const ownNow = (): number => Date.now() + 5_000 + eachLookTakesMs * looks++;
  const clock = await redisClock({ url: redis.url, prefix: 'a' }, { ...systemClock, now: ownNow });
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  looks = 0;
  eachLookTakesMs = 20_000;
  vi.advanceTimersByTime(30_000);
  await vi.waitUntil(() => looks === 2);
  eachLookTakesMs = 0;
  // What follows the answer.
  await Promise.resolve();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  clock.close();
  await redis.stop();
});
