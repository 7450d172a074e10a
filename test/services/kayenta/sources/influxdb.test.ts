import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInstant } from '../../../../services/kayenta/java-values.ts';
import { influxdb } from '../../../../services/kayenta/sources/influxdb.ts';
import { fetchMetricSets, type QueryConfig } from '../../../../services/kayenta/sources/metrics-source.ts';
import { type InfluxdbServer, startInfluxdb } from '../../../support/influxdb.ts';
import { testProviders } from '../../../support/providers.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** Minutes 0 … 9 of two groups: two fields, and none of the first at minute 4. */
const points = Array.from({ length: 10 }, (_, minute) =>
  ['app-v1', 'app-v2'].map((group) => {
    const fields = minute === 4 ? `internal=1` : `external=${minute},internal=1`;
    return `errors,server_group=${group} ${fields} ${START + minute * MINUTE}`;
  }),
).flat();

describe("Kayenta's influxdb source against a real InfluxDB 1.6", () => {
  let server: InfluxdbServer;
  const providers = testProviders();
  beforeAll(async () => {
    server = await startInfluxdb(points);
  }, 30_000);
  afterAll(async () => {
    providers.close();
    await server?.stop();
  });

  const read = (query: QueryConfig, account: object = {}) => {
    const instant = (minute: number) => parseInstant(new Date(START + minute * MINUTE).toISOString()) as never;
    const request = {
      metricName: 'shop',
      query,
      scope: {
        ...{ scope: 'server_group:app-v2', start: instant(2), end: instant(6), stepSeconds: 60 },
        extendedScopeParams: {},
      },
      account: {
        ...{ name: 'influx', type: 'influxdb', endpoint: { baseUrl: server.url } },
        ...{ username: server.username, password: server.password, ...account },
      },
    };
    return fetchMetricSets(influxdb, request, (each) => providers.http.send(each));
  };

  it('makes a set of each field, in the database that has the name of the metric', async () => {
    const set = { name: 'shop', startTimeMillis: START + 2 * MINUTE, stepMillis: MINUTE, attributes: {} };
    expect(await read({ metricName: 'errors', fields: ['external', 'internal'] })).toEqual([
      // Kayenta drops what is null, so that the samples behind a gap move up.
      { ...set, tags: { field: 'external' }, values: [2, 3, 5], endTimeMillis: START + 5 * MINUTE },
      { ...set, tags: { field: 'internal' }, values: [1, 1, 1, 1], endTimeMillis: START + 6 * MINUTE },
    ]);
  });

  it('fills a template of its own, in the database of the account', async () => {
    const customInlineTemplate =
      'SELECT sum("external") FROM "errors" WHERE ${timeFilter} AND ${scope} GROUP BY time(${step})';
    const [set] = await read({ customInlineTemplate }, { database: server.database });
    expect(set).toMatchObject({ tags: { field: 'sum' }, values: [2, 3, 5], stepMillis: MINUTE });
  });

  it('takes a measurement that is not there for no data', async () => {
    expect(await read({ metricName: 'nothing', fields: ['external'] })).toMatchObject([
      { name: 'shop', values: [], startTimeMillis: START + 2 * MINUTE, endTimeMillis: START + 6 * MINUTE },
    ]);
  });

  it('repeats the status of a wrong password', async () => {
    await expect(read({ metricName: 'errors' }, { password: 'wrong' })).rejects.toThrow('401 Unauthorized');
  });
});
