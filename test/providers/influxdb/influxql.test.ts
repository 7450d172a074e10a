import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import { type InfluxdbServer, startInfluxdb } from '../../support/influxdb.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** Minutes 0 … 9 of two versions; the canary has a gap at minute 4. */
const points = Array.from({ length: 10 }, (_, minute) => [
  ...(minute === 4 ? [] : [`errors,version=canary value=${minute},note="m${minute}" ${START + minute * MINUTE}`]),
  `errors,version=stable value=0.5 ${START + minute * MINUTE}`,
]).flat();

describe('InfluxQL against a real InfluxDB 1.6', () => {
  let server: InfluxdbServer;
  beforeAll(async () => {
    server = await startInfluxdb(points);
  }, 30_000);
  afterAll(() => server?.stop());

  const providers = (secret: object = {}, now = START + 10 * MINUTE) =>
    testProviders({
      clock: new TestClock(now),
      secrets: {
        read: async () => ({ address: server.url, username: server.username, password: server.password, ...secret }),
      },
    });
  const ask = (query: string, more: object = {}, secret: object = {}) =>
    providers(secret).measure(callFor({ influxdb: { database: server.database, query, ...more } })) as Promise<Reading>;

  it.each([
    { query: 'SELECT last("value") FROM "errors" WHERE "version" = \'canary\'', value: '[9]' },
    {
      query: 'SELECT mean("value"), count("value") FROM "errors" GROUP BY "version"',
      value: '[4.555555555555555 9 0.5 10]',
    },
    { query: 'SELECT "value", "note" FROM "errors" WHERE "version" = \'canary\' LIMIT 2', value: '[0 m0 1 m1]' },
    {
      query: `SELECT mean("value") FROM "errors" WHERE "version" = 'canary' AND time >= ${START + 3 * MINUTE}ms AND time < ${START + 6 * MINUTE}ms GROUP BY time(1m)`,
      value: '[3 <nil> 5]',
    },
  ])('$query reads $value', async ({ query, value }) => {
    expect(await ask(query)).toMatchObject({ value, result: { type: '[]interface {}' } });
  });

  it.each([
    {
      query: 'SELECT last("value") FROM "nothing"',
      kind: 'no-data',
      message: 'no results returned from influxql query',
    },
    { query: 'SELECT "value" FROM', kind: 'refused', message: '400 Bad Request: error parsing query: found EOF' },
    {
      query: 'SELECT derivative("value", 0s) FROM "errors"',
      kind: 'refused',
      message: 'duration argument must be positive',
    },
    { query: 'DROP MEASUREMENT "errors"', kind: 'refused', message: 'must be one SELECT without INTO' },
    { query: 'SELECT "value" INTO "copy" FROM "errors"', kind: 'refused', message: 'must be one SELECT without INTO' },
    { query: 'SELECT "value" FROM "errors"; DROP DATABASE "shop"', kind: 'refused', message: 'must be one SELECT' },
  ])('$query is $kind', async ({ query, kind, message }) => {
    await expect(ask(query)).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('takes a semicolon and the word INTO within a text for what they are', async () => {
    expect(await ask('SELECT count("value") FROM "errors" WHERE "note" != \'; into\'')).toMatchObject({
      value: '[9]',
    });
  });

  it.each([
    { case: 'a wrong password', secret: { password: 'wrong' }, message: '401 Unauthorized: authorization failed' },
    { case: 'no credentials', secret: { username: '' }, message: '401 Unauthorized: unable to parse authentication' },
    { case: 'no address', secret: { address: '' }, message: 'secret "influxdb" has no address' },
  ])('$case is refused', async ({ secret, message }) => {
    await expect(ask('SELECT last("value") FROM "errors"', {}, secret)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(message),
    });
  });

  it('says which database or retention policy is missing', async () => {
    const query = 'SELECT last("value") FROM "errors"';
    await expect(ask(query, { database: 'shops' })).rejects.toThrow('database not found: shops');
    await expect(ask(query, { retentionPolicy: 'long' })).rejects.toThrow('retention policy not found');
  });

  const QUERY = 'SELECT mean("value") FROM "errors" WHERE ${timeFilter} GROUP BY time(${step}), "version"';
  const series = (query: string, from: number, to: number, now: number, stepMs = MINUTE) =>
    providers({}, START + now).series(callFor({ influxdb: { database: server.database, query } }), {
      startMs: START + from,
      endMs: START + to,
      stepMs,
    });

  it('gives a series for each group, gaps as NaN', async () => {
    expect(await series(QUERY, 2 * MINUTE, 6 * MINUTE, 10 * MINUTE)).toEqual([
      {
        name: 'errors',
        tags: { version: 'canary' },
        startMs: START + 2 * MINUTE,
        stepMs: MINUTE,
        values: new Float64Array([2, 3, Number.NaN, 5]),
      },
      {
        name: 'errors',
        tags: { version: 'stable' },
        startMs: START + 2 * MINUTE,
        stepMs: MINUTE,
        values: new Float64Array([0.5, 0.5, 0.5, 0.5]),
      },
    ]);
  });

  it('leaves out the bucket that has not ended, and says so', async () => {
    const [canary] = await series(QUERY, 4 * MINUTE, 12 * MINUTE, 9.5 * MINUTE, 2 * MINUTE);
    expect(canary).toMatchObject({
      values: new Float64Array([5, 6.5]),
      notes: ['newest bucket incomplete, left out'],
    });
  });

  it('needs to be told where the range goes', async () => {
    await expect(series('SELECT "value" FROM "errors"', 0, 5 * MINUTE, 10 * MINUTE)).rejects.toThrow(
      'an InfluxQL query for a series needs ${timeFilter}',
    );
  });
});
