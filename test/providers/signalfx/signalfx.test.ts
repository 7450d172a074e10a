import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const MINUTE = 60_000;

type Event = readonly [event: string, data: object];

/** Every event's data over several lines, as the service writes it. */
const stream = (...events: readonly Event[]) =>
  events
    .map(([event, data]) => `event: ${event}\n${JSON.stringify(data, null, 1).replace(/^/gm, 'data: ')}\n\n`)
    .join('');
const metadata = (tsId: string, properties: object = {}): Event => ['metadata', { tsId, properties }];
const data = (minute: number, values: Readonly<Record<string, unknown>>): Event => [
  'data',
  {
    logicalTimestampMs: NOW - (10 - minute) * MINUTE,
    data: Object.entries(values).map(([tsId, value]) => ({ tsId, value })),
  },
];
const START: Event = ['control-message', { event: 'STREAM_START' }];
const END: Event = ['control-message', { event: 'END_OF_CHANNEL' }];

providerConformance('signalFx', {
  spec: (url, _secret, seconds) => ({
    signalFx: {
      address: url,
      program: "data('x').publish()",
      secretRef: { name: 'sf' },
      requestTimeout: `${seconds}s`,
    },
  }),
  options: (_, secret) => ({ secrets: { read: async () => ({ sf_token_key: secret }) } }),
  answer: { contentType: 'text/event-stream', body: stream(START, data(1, { a: 1 }), END) },
});

describe('signalFx', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => void server.asked.splice(0));
  afterAll(() => server.close());

  const providers = () =>
    testProviders({ clock: new TestClock(NOW), secrets: { read: async () => ({ sf_token_key: 't' }) } });
  const callOf = (query: object = {}) =>
    callFor({ signalFx: { address: server.url, program: "data('x').publish()", secretRef: { name: 'sf' }, ...query } });
  const ask = (query: object = {}) => providers().measure(callOf(query)) as Promise<Reading>;

  it('runs the program over the interval, up to now', async () => {
    server.answer(stream(END));
    await ask({ interval: '10m' });
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        path: '/v2/signalflow/execute',
        query: { start: String(NOW - 10 * MINUTE), stop: String(NOW), immediate: 'true' },
        headers: { 'x-sf-token': 't', 'content-type': 'text/plain' },
        body: "data('x').publish()",
      },
    ]);
  });

  it.each([
    { name: 'the newest number', events: [data(8, { a: 1 }), data(9, { a: 2 })], value: '[2]' },
    { name: 'one number a series', events: [data(8, { a: 1, b: 5 }), data(9, { a: 2 })], value: '[2,5]' },
    { name: 'past gaps', events: [data(8, { a: 1 }), data(9, { a: null }), data(10, {})], value: '[1]' },
    { name: 'nothing', events: [metadata('a'), data(9, {})], value: '[]' },
  ])('reads $name as $value', async ({ events, value }) => {
    server.answer(stream(START, ...events, END));
    expect(await ask()).toMatchObject({ value });
  });

  it('passes over what keeps the connection open', async () => {
    server.answer(`: ping\n\n${stream(data(9, { a: 1 }))}:\n\n${stream(END)}`);
    expect(await ask()).toMatchObject({ value: '[1]' });
  });

  it.each([
    { name: 'a stream that broke off', body: stream(data(9, { a: 1 })), status: 200, want: 'unexpected EOF' },
    {
      name: 'an error in the stream',
      body: stream(START, ['error', { errorType: 'ANALYTICS_PROGRAM_NAME_ERROR', message: 'no such name' }], END),
      status: 200,
      want: 'SignalFlow: ANALYTICS_PROGRAM_NAME_ERROR: no such name',
    },
    {
      name: 'an abort',
      body: stream(['control-message', { event: 'CHANNEL_ABORT', abortInfo: { sf_job_abortReason: 'too many' } }]),
      status: 200,
      want: 'the computation was aborted: too many',
    },
    {
      name: 'a wrong token',
      body: { message: 'Unauthorized' },
      status: 401,
      want: 'Splunk Observability Cloud answered 401 Unauthorized: Unauthorized (check the credentials)',
    },
    { name: 'a text for a number', body: stream(data(9, { a: 'x' }), END), status: 200, want: '"x" is not a number' },
  ])('fails on $name', async ({ body, status, want }) => {
    server.answer(body, status);
    await expect(ask()).rejects.toThrow(want);
  });

  it('gives series, whose points are named by their end', async () => {
    const range = { startMs: NOW - 3 * MINUTE, endMs: NOW, stepMs: MINUTE };
    server.answer(
      stream(
        metadata('a', { host: 'h1', sf_resolutionMs: MINUTE, sf_metric: 'x' }),
        data(8, { a: 1 }),
        data(9, {}),
        data(10, { a: 3 }),
        END,
      ),
    );
    const [series] = await providers().series(callOf(), range);
    expect(server.asked[0]?.query).toMatchObject({ resolution: String(MINUTE), start: String(range.startMs) });
    expect(series).toMatchObject({ tags: { host: 'h1' }, startMs: range.startMs });
    expect([...(series?.values ?? [])]).toEqual([1, Number.NaN, 3]);
  });

  it('says when the metric is coarser than the step', async () => {
    server.answer(stream(metadata('a', { sf_resolutionMs: 5 * MINUTE }), data(10, { a: 3 }), END));
    const range = { startMs: NOW - 3 * MINUTE, endMs: NOW, stepMs: MINUTE };
    await expect(providers().series(callOf(), range)).rejects.toThrow('computes every 300s, a step of 60s is too fine');
  });
});
