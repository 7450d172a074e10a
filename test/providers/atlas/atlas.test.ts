import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { providerConformance } from '../../conformance/provider.ts';
import { type AnsweringServer, answeringServer } from '../../support/answering-server.ts';
import { TestClock } from '../../support/clock.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const MINUTE = 60_000;

const lines = (...messages: readonly object[]) =>
  messages.map((message) => `data: ${JSON.stringify(message)}\n`).join('');
const piece = (id: string, minute: number, values: readonly unknown[]) => ({
  type: 'timeseries',
  id,
  label: `label ${id}`,
  tags: { cluster: id },
  start: NOW - (10 - minute) * MINUTE,
  step: MINUTE,
  data: { type: 'array', values },
});
const CLOSE = { type: 'close' };

providerConformance('atlas', {
  // Atlas has no signing in of its own; a proxy before it may.
  spec: (url, secret, seconds) => ({
    atlas: { address: url.replace('//', `//assay:${secret}@`), query: 'name,x,:eq', requestTimeout: `${seconds}s` },
  }),
  answer: { contentType: 'text/event-stream', body: lines(piece('a', 9, [1]), CLOSE) },
});

describe('atlas', () => {
  let server: AnsweringServer;
  beforeAll(async () => {
    server = await answeringServer();
  });
  beforeEach(() => void server.asked.splice(0));
  afterAll(() => server.close());

  const providers = () => testProviders({ clock: new TestClock(NOW) });
  const callOf = (query: object = {}) =>
    callFor({ atlas: { address: server.url, query: 'name,x,:eq,:sum', ...query } });
  const ask = (query: object = {}) => providers().measure(callOf(query)) as Promise<Reading>;

  it.each([
    { step: undefined, sent: 'PT1M' },
    { step: '90s', sent: 'PT90S' },
    { step: '1h', sent: 'PT60M' },
  ])('asks for the interval in steps of $step', async ({ step, sent }) => {
    server.answer(lines(CLOSE));
    await ask({ step });
    expect(server.asked).toMatchObject([
      {
        method: 'GET',
        path: '/api/v2/fetch',
        query: { q: 'name,x,:eq,:sum', s: String(NOW - 5 * MINUTE), e: String(NOW), step: sent },
      },
    ]);
  });

  it.each([
    { name: 'the newest number', messages: [piece('a', 7, [1, 2, 'NaN'])], value: '[2]' },
    { name: 'one number a series', messages: [piece('a', 8, [1]), piece('b', 8, [5])], value: '[1,5]' },
    { name: 'pieces in any order', messages: [piece('a', 8, [3]), piece('a', 7, [1])], value: '[3]' },
    { name: 'infinity', messages: [piece('a', 8, ['Infinity'])], value: '[+Inf]' },
    { name: 'nothing', messages: [piece('a', 8, ['NaN'])], value: '[]' },
  ])('reads $name as $value', async ({ messages, value }) => {
    server.answer(lines(...messages, CLOSE));
    expect(await ask()).toMatchObject({ value });
  });

  it('keeps what Atlas remarks', async () => {
    server.answer(lines({ type: 'diagnostic', message: 'query is slow' }, CLOSE));
    expect(await ask()).toEqual({
      value: '[]',
      result: { type: 'nil', value: null },
      metadata: { warnings: 'query is slow' },
    });
  });

  it.each([
    {
      name: 'a stream without its close',
      body: lines(piece('a', 8, [1])),
      kind: 'unavailable',
      want: /unexpected EOF/,
    },
    {
      name: 'a bad expression',
      body: lines({ type: 'error', message: "IllegalStateException: unknown word ':x'" }),
      kind: 'refused',
      want: /^Atlas query failed: IllegalStateException/,
    },
    {
      name: 'another error',
      body: lines({ type: 'error', message: 'overloaded' }),
      kind: 'unavailable',
      want: /^Atlas query failed: overloaded$/,
    },
    {
      name: 'a text for a number',
      body: lines(piece('a', 8, ['x']), CLOSE),
      kind: 'refused',
      want: /"x" is not a number/,
    },
  ])('fails on $name', async ({ body, kind, want }) => {
    server.answer(body);
    await expect(ask()).rejects.toMatchObject({ kind, message: expect.stringMatching(want) as string });
  });

  it('gives series with gaps as NaN', async () => {
    server.answer(lines(piece('a', 7, [1]), piece('a', 9, [3]), CLOSE));
    const [series] = await providers().series(callOf(), { startMs: NOW - 3 * MINUTE, endMs: NOW, stepMs: MINUTE });
    expect(series).toMatchObject({ name: 'label a', tags: { cluster: 'a' }, startMs: NOW - 3 * MINUTE });
    expect([...(series?.values ?? [])]).toEqual([1, Number.NaN, 3]);
  });
});
