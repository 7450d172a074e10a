import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../providers/contract.ts';
import { failedMeasurement, measurementOf } from '../../../services/analysis/evaluate-reading.ts';
import { readInt } from '../../../services/analysis/int-or-string.ts';
import { secretMask } from '../../../services/analysis/mask-secrets.ts';
import { matchDryRun, matchRetention } from '../../../services/analysis/match-rules.ts';
import { expiresAt } from '../../../services/analysis/time-to-live.ts';
import { metricsFault } from '../../../services/analysis/validate-metrics.ts';
import { resultOfJson } from '../../../services/domain/result.ts';
import type { Metric } from '../../../services/domain/template.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const metric = (rest: object = {}): Metric => ({ name: 'm', provider: { web: { url: 'u' } }, ...rest }) as Metric;

describe('counts and limits', () => {
  it.each([
    [5, 5],
    ['5', 5],
    ['+5', 5],
    ['-5', -5],
    ['007', 7],
    ['', 0],
    ['abc', 0],
    ['1.5', 0],
    [' 5', 0],
    ['0x10', 0],
    ['1_000', 0],
    [undefined, 0],
  ])('%j reads as %d', (value, want) => {
    expect(readInt(value)).toBe(want);
  });
});

describe('rules on metric names', () => {
  const names = ['error-rate', 'success-rate', 'latency'];

  it.each([
    { rule: 'rate', matched: ['error-rate', 'success-rate'] },
    { rule: '^error', matched: ['error-rate'] },
    { rule: '', matched: names },
    { rule: '(?i)LATENCY', matched: ['latency'] },
    { rule: '\\w+-rate$', matched: ['error-rate', 'success-rate'] },
  ])('"$rule" is searched for', ({ rule, matched }) => {
    expect([...matchDryRun([{ metricName: rule }], names)]).toEqual(matched);
  });

  it.each(['*', '[', '(?=x)', 'Latency', '^rate'])('"%s" matches nothing, which is a fault of the rule', (rule) => {
    expect(() => matchDryRun([{ metricName: 'latency' }, { metricName: rule }], names)).toThrow(
      new Error("dryRun[1]: Rule didn't match any metric name(s)"),
    );
  });

  it('the last retention rule that matches wins', () => {
    const rules = [
      { metricName: 'rate', limit: 5 },
      { metricName: 'error', limit: 0 },
    ];
    expect(Object.fromEntries(matchRetention(rules, names))).toEqual({ 'error-rate': 0, 'success-rate': 5 });
  });

  it('an expression built to backtrack takes no longer than another', () => {
    const started = performance.now();
    matchDryRun([{ metricName: '(a+)+$|x' }], [`${'a'.repeat(5000)}!x`]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('validation', () => {
  it.each([
    { given: [metric({ consecutiveErrorLimit: 0 })], want: undefined },
    { given: [metric({ consecutiveErrorLimit: '-1' })], want: 'metrics[0]: consecutiveErrorLimit must be >= 0' },
    { given: [metric(), metric()], want: "metrics[1]: duplicate name 'm'" },
    { given: [metric({ count: '2' })], want: 'metrics[0]: interval must be specified when count > 1' },
    {
      given: [metric({ initialDelay: 'soon' })],
      want: 'metrics[0]: invalid startDelay string: time: invalid duration "soon"',
    },
    { given: [metric({ provider: { plugin: {} } })], want: 'metrics[0]: no provider specified' },
    { given: [metric({ provider: { plugin: { a: {}, b: {} } } })], want: 'metrics[0]: multiple providers specified' },
    { given: [metric({ provider: { web: null, job: {} } })], want: undefined },
    { given: [metric({ interval: '-1h', count: -3 })], want: undefined },
  ])('$want', ({ given, want }) => {
    expect(metricsFault(given)).toBe(want);
  });
});

describe('time to live', () => {
  const run = (phase: string, ttlStrategy: object, completedAt: string | undefined = '2026-01-01T00:00:00Z') =>
    ({ spec: { metrics: [], ttlStrategy }, status: { phase, completedAt } }) as never;

  it.each([
    { phase: 'Successful', ttl: { secondsAfterSuccess: 0, secondsAfterCompletion: 9 }, want: START + 1000 },
    { phase: 'Failed', ttl: { secondsAfterSuccess: 0, secondsAfterCompletion: 9 }, want: START + 10_000 },
    { phase: 'Error', ttl: { secondsAfterFailure: 5 }, want: undefined },
    { phase: 'Running', ttl: { secondsAfterCompletion: 5 }, want: undefined },
  ])('of a run in $phase', ({ phase, ttl, want }) => {
    expect(expiresAt(run(phase, ttl))).toBe(want);
  });
});

describe('masking secrets', () => {
  it.each([
    { secrets: [], text: 'abc', want: 'abc' },
    { secrets: ['abc', 'abcdef'], text: 'abcdef abc', want: '***** *****' },
    { secrets: ['a b&c'], text: '?k=a%20b%26c&l=a+b%26c', want: '?k=*****&l=*****' },
    { secrets: ['say "hi"'], text: '{"k":"say \\"hi\\""}', want: '{"k":"*****"}' },
    { secrets: ['$&'], text: 'x$&y', want: 'x*****y' },
  ])('$text', ({ secrets, text, want }) => {
    expect(secretMask(secrets)(text)).toBe(want);
  });
});

describe('what a source answered', () => {
  const times = { startedAt: START, endedAt: START + 1900 };

  it.each([
    {
      name: 'a verdict of its own needs no condition',
      answer: { value: '95', verdict: { phase: 'Inconclusive' as const, message: 'marginal' } },
      want: { phase: 'Inconclusive', message: 'marginal', value: '95', finishedAt: '2026-01-01T00:00:01Z' },
    },
    {
      name: 'without conditions every reading is Successful',
      answer: { result: resultOfJson(false), value: 'false' },
      want: { phase: 'Successful', value: 'false', finishedAt: '2026-01-01T00:00:01Z' },
    },
    {
      name: 'a handle keeps it in flight, until a time in whole seconds',
      answer: { deferred: true as const, resumeAt: START + 5999, metadata: { id: '7' } },
      want: { phase: 'Running', resumeAt: '2026-01-01T00:00:05Z', metadata: { id: '7' } },
    },
  ])('$name', ({ answer, want }) => {
    expect(measurementOf(metric(), answer, times)).toEqual({ startedAt: '2026-01-01T00:00:00Z', ...want });
  });

  it('goes on from what is in flight: its start and notes stay', () => {
    const inFlight = {
      phase: 'Running' as const,
      startedAt: '2025-12-31T00:00:00Z',
      resumeAt: 'x',
      metadata: { id: '7' },
    };
    expect(measurementOf(metric(), { value: '', verdict: { phase: 'Failed' } }, { ...times, inFlight })).toEqual({
      phase: 'Failed',
      startedAt: '2025-12-31T00:00:00Z',
      finishedAt: '2026-01-01T00:00:01Z',
      metadata: { id: '7' },
    });
  });

  it('a failure keeps what the provider noted', () => {
    const { message, metadata } = new ProviderError('unavailable', 'down', { metadata: { warnings: 'w' } });
    expect(failedMeasurement(message, times, metadata)).toMatchObject({
      phase: 'Error',
      message: 'down',
      metadata: { warnings: 'w' },
    });
  });
});
