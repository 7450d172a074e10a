import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type RedisClient } from '../../../services/redis/connection.ts';
import { CUTS, type Line, layLine } from '../../support/line.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

describe('a connection to Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  async function connected(
    kind: 'asking' | 'blocking',
  ): Promise<{ readonly line: Line; readonly client: RedisClient }> {
    const line = await layLine(redis.port);
    const place = { url: `redis://127.0.0.1:${line.port}`, prefix: 'test' };
    const client = connectRedis(place, 'test', kind);
    await client.ping();
    return { line, client };
  }

  it.concurrent.each(CUTS)(
    'fails what was under way when the network is cut (%s), and works when it is mended (%s)',
    async (cut, mend) => {
      const { line, client } = await connected('asking');
      line.cut(cut);
      await expect(client.incr('count')).rejects.toThrow();
      line.mend(mend);
      // What is asked before the old connection is given up fails with it.
      await client.ping().catch(() => undefined);
      expect(await client.ping()).toBe('PONG');
      client.disconnect();
      await line.close();
    },
  );

  it.concurrent('that waits for something is given up too when the network has forgotten it', {
    timeout: 40_000,
  }, async () => {
    const { line, client } = await connected('blocking');
    const waiting = client.xread('BLOCK', 5_000, 'STREAMS', 'nothing', '0');
    line.cut('silent');
    line.mend('forgotten');
    // It is asked anew, at a Redis that has nothing to tell.
    expect(await waiting).toBeNull();
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    await line.close();
  });
});
