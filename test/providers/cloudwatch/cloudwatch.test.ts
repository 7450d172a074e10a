import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const QUERIES = [
  { id: 'rate', expression: 'errors / 60', label: 'errors a second', period: 60 },
  { id: 'errors', metricStat: { metric: { namespace: 'shop', metricName: 'errors' }, period: '60', stat: 'Sum' } },
];

interface Asked {
  readonly MetricDataQueries: readonly {
    readonly Period?: number;
    readonly MetricStat?: { readonly Period: number };
  }[];
  readonly [field: string]: unknown;
}

describe('cloudWatch', () => {
  let server: TestServer;
  let pages: { status?: number; body: unknown }[];
  let asked: Asked[];

  beforeEach(async () => {
    asked = [];
    server = await serve(async (request, response) => {
      asked.push(JSON.parse(await text(request)) as Asked);
      const { status = 200, body } = pages.shift() ?? { status: 500, body: { message: 'no page left' } };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
  });
  afterEach(() => server.close());

  const providers = (settings: object = {}, now = START + 10 * MINUTE) => {
    const all: Readonly<Record<string, string>> = {
      AWS_ACCESS_KEY_ID: 'assay',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: server.url,
      ...settings,
    };
    return testProviders({ clock: new TestClock(now), setting: (name) => all[name] });
  };
  const ask = (more: object = {}, settings: object = {}) =>
    providers(settings).measure(callFor({ cloudWatch: { metricDataQueries: QUERIES, ...more } })) as Promise<Reading>;

  const result = (id: string, minutes: readonly number[], values: readonly number[], status = 'Complete') => ({
    ...{ Id: id, Label: id, StatusCode: status, Values: values },
    Timestamps: minutes.map((minute) => START / 1000 + minute * 60),
  });

  it('hands conditions the fields of the Go client, and keeps the value when one fails', async () => {
    pages = [
      {
        body: {
          MetricDataResults: [result('rate', [1, 0], [0.5, 1234567])],
          Messages: [{ Code: 'Odd', Value: '<odd>' }],
        },
      },
    ];
    expect(await ask()).toMatchObject({
      result: {
        type: '[]types.MetricDataResult',
        value: [{ Id: 'rate', Label: 'rate', StatusCode: 'Complete', Values: [0.5, 1234567], Messages: [] }],
      },
      value: '[[0.5 1.234567e+06]]',
      keepsValueOnError: true,
      metadata: { messages: '[{"Code":"Odd","Value":"\\u003codd\\u003e"}]' },
    });
  });

  it.each([
    { period: '60', sent: 60 },
    { period: 300, sent: 300 },
    { period: 'a minute', sent: 0 },
  ])('a period of $period is sent as $sent', async ({ period, sent }) => {
    pages = [{ body: { MetricDataResults: [] } }];
    await ask({ metricDataQueries: [{ id: 'x', expression: 'y', period }] });
    expect(asked[0]?.MetricDataQueries[0]?.Period).toBe(sent);
  });

  it('prefers the endpoint of the service', async () => {
    pages = [{ body: { MetricDataResults: [] } }];
    await ask({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_CLOUDWATCH: server.url });
    expect(asked).toHaveLength(1);
  });

  it.each([
    { settings: { AWS_ENDPOINT_URL: 'localhost' }, message: 'AWS endpoint "localhost" is not an http or https URL' },
    { settings: { AWS_REGION: 'Ireland' }, message: '"Ireland" is not an AWS region' },
  ])('$message', async ({ settings, message }) => {
    await expect(ask({}, settings)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    { type: 'ExpiredTokenException', status: 400, kind: 'refused', tries: 1 },
    { type: 'ThrottlingException', status: 400, kind: 'unavailable', tries: 3 },
    { type: 'InternalServiceFault', status: 500, kind: 'unavailable', tries: 3 },
  ])('$type is $kind after $tries of AWS’s tries', async ({ type, status, kind, tries }) => {
    pages = Array.from({ length: 3 }, () => ({ status, body: { __type: type, message: 'not now' } }));
    await expect(ask()).rejects.toMatchObject({
      kind,
      message: `operation error CloudWatch: GetMetricData, https response error StatusCode: ${status}, RequestID: , api error ${type}: not now`,
    });
    expect(asked).toHaveLength(tries);
  });

  const series = (now: number, metricDataQueries: object = QUERIES, stepMs = MINUTE) =>
    providers({}, START + now).series(callFor({ cloudWatch: { metricDataQueries } }), {
      startMs: START,
      endMs: START + 4 * MINUTE,
      stepMs,
    });

  it('gathers the pages of a range, oldest first, with the step as period', async () => {
    pages = [
      { body: { MetricDataResults: [result('rate', [0], [1], 'PartialData')], NextToken: 'next' } },
      { body: { MetricDataResults: [result('rate', [2], [3])] } },
    ];
    expect(await series(3.5 * MINUTE, QUERIES)).toEqual([
      {
        name: 'rate',
        tags: {},
        startMs: START,
        stepMs: MINUTE,
        values: new Float64Array([1, Number.NaN, 3]),
        notes: ['newest bucket incomplete, left out'],
      },
    ]);
    expect(asked).toMatchObject([
      { StartTime: START / 1000, EndTime: START / 1000 + 180, ScanBy: 'TimestampAscending' },
      { NextToken: 'next' },
    ]);
  });

  it('leaves the periods alone where CloudWatch has none of the step', async () => {
    pages = [{ body: { MetricDataResults: [] } }, { body: { MetricDataResults: [] } }];
    await series(10 * MINUTE, QUERIES, 2 * MINUTE);
    await series(10 * MINUTE, QUERIES, 45_000);
    const periods = asked.map(({ MetricDataQueries: [rate, errors] }) => [rate?.Period, errors?.MetricStat?.Period]);
    expect(periods).toEqual([
      [120, 120],
      [60, 60],
    ]);
  });

  it('takes a part of a series for a failure', async () => {
    pages = [{ body: { MetricDataResults: [result('rate', [0], [1], 'InternalError')] } }];
    await expect(series(10 * MINUTE)).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'CloudWatch gave only part of rate: InternalError',
    });
  });
});
