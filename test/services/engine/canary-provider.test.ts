import { describe, expect, it } from 'vitest';
import { ProviderError, type Reading, type Series, type SeriesRange } from '../../../providers/contract.ts';
import { measurementOf } from '../../../services/analysis/evaluate-reading.ts';
import type { Metric } from '../../../services/domain/template.ts';
import { type CanaryRecord, type ConfiguredCanary, canaryProvider } from '../../../services/engine/canary-provider.ts';
import {
  type JudgementDocument,
  judgementRecords,
  removeOrphanJudgements,
} from '../../../services/engine/keep-judgement.ts';
import { lintCanary } from '../../../services/engine/lint-canary.ts';
import type { MeasureCall } from '../../../services/engine/ports.ts';
import { memoryStore } from '../../../services/store/memory.ts';

const NOW = Date.parse('2026-01-01T12:00:30Z');
const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);

const around = (middle: number, count = 30) => Array.from({ length: count }, (_, i) => middle + ((i * 7) % 5) / 10);
const GOOD = { v1: { values: around(1) }, v2: { values: around(1) } };
const BAD = { v1: { values: around(1) }, v2: { values: around(5) } };

type Answer = readonly { readonly values: readonly number[]; readonly tags?: Record<string, string> }[];
type Sources = Readonly<Record<string, Answer[number] | Answer | Error>>;

/** Sources answer by the version that is asked for. */
function canary(sources: Sources, more: { readConfigured?(ask: ConfiguredCanary): Promise<never> } = {}) {
  const asked: { version: string; range: SeriesRange; metric: string }[] = [];
  const kept: CanaryRecord[] = [];
  const forgotten: string[] = [];
  let ids = 0;
  const provider = canaryProvider({
    series: () => ({
      async series(call: MeasureCall, range: SeriesRange): Promise<readonly Series[]> {
        const { version } = call.provider['test'] as { version: string };
        asked.push({ version, range, metric: call.metric.name });
        const answer = sources[version] ?? [];
        if (answer instanceof Error) throw answer;
        return (Array.isArray(answer) ? (answer as Answer) : [answer as Answer[number]]).map(
          ({ values, tags = {} }) => ({
            name: 'up',
            tags,
            startMs: range.startMs,
            stepMs: range.stepMs,
            values: Float64Array.from(values),
          }),
        );
      },
    }),
    records: {
      keep: async ({ run, metric, attempt }, record) => {
        kept.push(record);
        return `${run.name}:${metric.name}:${attempt}`;
      },
      forget: async (_namespace, names) => void forgotten.push(...names),
    },
    newId: () => `id-${++ids}`,
    ...more,
  });
  const measure = async (query: object, metric: Partial<Metric> = {}, run: object = {}): Promise<Reading> =>
    (await provider.measure({
      query: { ...SIDES, ...query },
      run: { uid: 'u', name: 'run', namespace: 'default', startedAt: '2026-01-01T11:30:10Z', ...run },
      metric: { name: 'errors', ...(metric.interval === undefined ? {} : { interval: metric.interval }) },
      attempt: 3,
      now: NOW,
      signal: new AbortController().signal,
    } as never)) as Reading;
  return { provider, asked, kept, forgotten, measure };
}
const SIDES = { baseline: { test: { version: 'v1' } }, canary: { test: { version: 'v2' } } };

describe('the window', () => {
  it.each([
    { name: 'since the run started', query: {}, from: '11:31:00', to: '12:00:00' },
    { name: 'the last interval', query: { window: 'interval' }, interval: '5m', from: '11:55:00', to: '12:00:00' },
    { name: 'a duration', query: { window: '10m' }, from: '11:50:00', to: '12:00:00' },
    { name: 'whole steps', query: { window: '10m', step: '20s' }, from: '11:50:20', to: '12:00:20' },
    {
      name: 'an earlier baseline',
      query: { window: '10m', baselineOffset: '1h' },
      from: '11:50:00',
      to: '12:00:00',
      earlier: 3_600_000,
    },
  ])('$name: $from to $to', async ({ query, interval, from, to, earlier = 0 }) => {
    const { asked, measure } = canary(GOOD);
    await measure(query, interval === undefined ? {} : { interval });
    const ranges = Object.fromEntries(asked.map(({ version, range }) => [version, range]));
    expect(ranges['v2']).toMatchObject({ startMs: at(from), endMs: at(to) });
    expect(ranges['v1']).toMatchObject({ startMs: at(from) - earlier, endMs: at(to) - earlier });
  });

  it.each([
    {
      name: 'a run that has only begun',
      query: {},
      run: { startedAt: '2026-01-01T12:00:05Z' },
      kind: 'no-data',
      says: /holds no whole step: set a longer window, or an initialDelay/,
    },
    {
      name: 'a run without a start',
      query: {},
      run: { startedAt: undefined },
      kind: 'no-data',
      says: /holds no whole step/,
    },
    { name: 'shorter than a step', query: { window: '10s' }, kind: 'no-data', says: /holds no whole step/ },
    {
      name: 'interval without one',
      query: { window: 'interval' },
      kind: 'refused',
      says: /interval needs a metric with an interval/,
    },
    { name: 'no duration', query: { window: '5 mins' }, kind: 'refused', says: /^canary\.window: .*5 mins/ },
    {
      name: 'a step of zero',
      query: { step: '0s' },
      kind: 'refused',
      says: /^canary\.step: 0s is not longer than nothing/,
    },
    {
      name: 'a step far too fine',
      query: { window: '24h', step: '1ms' },
      kind: 'refused',
      says: /more than 100000 steps/,
    },
    {
      name: 'an offset that is none',
      query: { window: '1h', baselineOffset: 'x' },
      kind: 'refused',
      says: /^canary\.baselineOffset/,
    },
  ])('$name is $kind', async ({ query, run = {}, kind, says }) => {
    const failure = await canary(GOOD)
      .measure(query, {}, run)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderError);
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(says) });
  });
});

describe('the verdict', () => {
  const marginal = { thresholds: { pass: 101, marginal: 75 }, analysis: { direction: 'increase' } };

  it.each([
    { name: 'passes on Pass', sources: GOOD, query: {}, phase: 'Successful' },
    { name: 'is Inconclusive on Marginal', sources: GOOD, query: marginal, phase: 'Inconclusive' },
    { name: 'fails on Fail', sources: BAD, query: {}, phase: 'Failed' },
    { name: 'score', sources: GOOD, metric: { successCondition: 'result.score >= 95' }, phase: 'Successful' },
    { name: 'score of a bad one', sources: BAD, metric: { successCondition: 'result.score >= 95' }, phase: 'Failed' },
    {
      name: 'classification',
      sources: BAD,
      metric: { failureCondition: 'result.classification == "Fail"' },
      phase: 'Failed',
    },
    { name: 'ratio', sources: BAD, metric: { successCondition: 'result.ratio < 10' }, phase: 'Successful' },
    {
      name: 'the numbers of a single metric',
      sources: BAD,
      metric: {
        successCondition: 'result.metricClassification == "High" and result.pValue < 0.01 and result.shift.lower > 3',
      },
      phase: 'Successful',
    },
    {
      name: 'results and groups',
      sources: BAD,
      metric: { successCondition: 'result.results[0].classification == "High" and result.groupScores[0].score == 0' },
      phase: 'Successful',
    },
    { name: 'a condition overrules Fail', sources: BAD, metric: { successCondition: 'true' }, phase: 'Successful' },
    {
      name: 'a direction that does not count',
      sources: BAD,
      query: { analysis: { direction: 'decrease' } },
      phase: 'Successful',
    },
    { name: 'no data on a side passes nothing on', sources: { v1: GOOD.v1 }, query: {}, phase: 'Failed' },
    {
      name: 'no data that must be there',
      sources: { v1: GOOD.v1 },
      query: { analysis: { mustHaveData: true } },
      phase: 'Failed',
    },
    {
      name: 'NaN on a side is no data',
      sources: { v1: GOOD.v1, v2: { values: [Number.NaN, Number.NaN] } },
      query: {},
      phase: 'Failed',
    },
    {
      name: 'NaN beside values is left out',
      sources: { v1: GOOD.v1, v2: { values: [...around(1), Number.NaN] } },
      query: {},
      phase: 'Successful',
    },
  ])('$name: $phase', async ({ sources, query = {}, metric = {}, phase }) => {
    const reading = await canary(sources).measure(query);
    const times = { startedAt: NOW, endedAt: NOW, inFlight: undefined };
    const full = { name: 'errors', provider: {}, ...metric } as Metric;
    expect(measurementOf(full, reading, times)).toMatchObject({ phase, value: reading.value });
  });

  it('says why: the first metric that is not fine', async () => {
    const { metadata, value } = await canary(BAD).measure({});
    expect([value, metadata]).toEqual([
      '0',
      expect.objectContaining({ classification: 'Fail', judgement: 'run:errors:3' }),
    ]);
    expect(metadata?.['why']).toMatch(/^Score 0 is Fail; errors: The canary is higher by 4/);
  });

  it('weighs groups of several metrics', async () => {
    const metrics = [
      { name: 'errors', ...SIDES, groups: ['quality'] },
      { name: 'cpu', baseline: SIDES.baseline, canary: SIDES.baseline, groups: ['load'] },
    ];
    const { kept, measure, asked } = canary(BAD);
    const reading = await measure({ baseline: undefined, canary: undefined, metrics, groupWeights: { quality: 70 } });
    expect(reading.value).toBe('30');
    expect(asked).toHaveLength(4);
    expect(kept[0]?.judgement.groupScores.map(({ name, score }) => [name, score]).sort()).toEqual([
      ['load', 100],
      ['quality', 0],
    ]);
  });
});

describe('series', () => {
  const tagged = (tags: Record<string, string>, middle: number) => ({ values: around(middle), tags });
  it('pairs several by their labels, one with one whatever the labels', async () => {
    const several = canary({
      v1: [tagged({ zone: 'a' }, 1), tagged({ zone: 'b' }, 1)],
      v2: [tagged({ zone: 'b' }, 5), tagged({ zone: 'a' }, 1)],
    });
    await several.measure({});
    const [record] = several.kept;
    expect(record?.judgement.results.map(({ tags, classification }) => [tags?.['zone'], classification])).toEqual([
      ['a', 'Pass'],
      ['b', 'High'],
    ]);
    const one = canary({ v1: [tagged({ version: '1' }, 1)], v2: [tagged({ version: '2' }, 1)] });
    expect((await one.measure({})).value).toBe('100');
  });
  it('of one side alone is no data, padded over the window as Kayenta does', async () => {
    const { kept, measure } = canary({ v1: [tagged({ zone: 'a' }, 1)] });
    await measure({ analysis: { nanStrategy: 'replace' } });
    expect(kept[0]?.judgement.results[0]?.evidence.canary).toMatchObject({ received: 29, missing: 29, used: 29 });
  });
  it('with other labels on each side cannot be paired', async () => {
    const odd = canary({
      v1: [tagged({ zone: 'a' }, 1), tagged({ zone: 'b' }, 1)],
      v2: [tagged({ pod: 'a' }, 1), tagged({ pod: 'b' }, 2)],
    });
    await expect(odd.measure({})).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('different tag keys'),
    });
  });
  it('that cannot be read fail the measurement, saying which side', async () => {
    const sources = { v1: GOOD.v1, v2: new ProviderError('unavailable', 'connection refused') };
    await expect(canary(sources).measure({})).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'canary of errors: connection refused',
    });
  });
});

describe('wrong queries are refused', () => {
  it.each([
    { name: 'nothing to compare', query: { baseline: undefined }, says: /needs a baseline and a canary/ },
    {
      name: 'a canary in a canary',
      query: { canary: { canary: {} } },
      says: /canary of errors must be a query that reads a range/,
    },
    { name: 'a judge nobody knows', query: { judge: 'x' }, says: /Unable to resolve canary judge 'x'/ },
    { name: 'a setting Kayenta cannot cast', query: { analysis: { critical: 'yes' } }, says: /critical/ },
    { name: 'a config without accounts', query: { canaryConfig: {} }, says: /kayenta.accounts/ },
  ])('$name', async ({ query, says }) => {
    await expect(canary(GOOD).measure(query)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(says),
    });
  });
});

describe('what was compared is kept', () => {
  const store = memoryStore();
  const records = judgementRecords(store);
  const call = (attempt: number, name = 'run', metric = 'm') => ({
    run: { uid: '', name, namespace: 'default' },
    metric: { name: metric },
    attempt,
  });
  const get = async (name: string) =>
    (await store.get({ kind: 'Judgement', namespace: 'default', name })) as JudgementDocument;

  it('without the queries, which may hold secrets, and with NaN as a text', async () => {
    const { kept, measure } = canary({ v1: GOOD.v1, v2: { values: [Number.NaN, 1] } });
    await measure({ thresholds: { pass: 60, marginal: 50 } });
    const name = await records.keep(call(1), kept[0]!);
    expect(await get(name)).toMatchObject({
      run: 'run',
      metric: 'm',
      attempt: 1,
      thresholds: { pass: 60, marginal: 50 },
      pairs: [{ name: 'errors', values: { experiment: ['NaN', 1] } }],
    });
    expect(JSON.stringify(await get(name))).not.toContain('version');
    await records.keep(call(1), { ...kept[0]!, thresholds: { pass: 1, marginal: 0 } });
    expect((await get(name)).thresholds.pass).toBe(1);
    expect((await store.list({ kind: 'Judgement' })).items).toHaveLength(1);
  });

  it('under names that no two measurements share', async () => {
    const { kept, measure } = canary(GOOD);
    await measure({});
    const names = await Promise.all([
      records.keep(call(1, 'run.1', 'm'), kept[0]!),
      records.keep(call(1, 'run', '1.m'), kept[0]!),
    ]);
    expect(new Set(names).size).toBe(2);
  });

  it('until the measurement is trimmed, or the run is gone', async () => {
    await store.create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'run', namespace: 'default' },
    });
    await removeOrphanJudgements({ store });
    expect((await store.list({ kind: 'Judgement' })).items.map(({ metadata }) => metadata.name)).toEqual([
      'run:1.m:1',
      'run:m:1',
    ]);
    await records.forget('default', ['run:m:1', 'never there']);
    expect((await store.list({ kind: 'Judgement' })).items).toHaveLength(1);

    const { provider, forgotten } = canary(GOOD);
    const measurements = [1, 2, 3].map((n) => ({
      phase: 'Successful' as const,
      metadata: { judgement: `run:m:${n}` },
    }));
    await provider.collect?.(call(3) as never, { name: 'm', phase: 'Running', measurements }, 2);
    expect(forgotten).toEqual(['run:m:1']);
  });
});

describe('lint', () => {
  const lint = (query: object, metric: object = {}) =>
    lintCanary([
      { name: 'm', provider: { canary: { window: '10m', ...SIDES, ...query } }, ...metric } as unknown as Metric,
    ]).map(({ severity, path, message }) => `${severity} ${path.replace('spec.metrics[0].provider.', '')}: ${message}`);
  it.each([
    { query: {}, want: [] },
    { query: { window: '{{args.window}}' }, want: [] },
    { query: { baseline: undefined }, want: [/^error canary: .*needs a baseline and a canary/] },
    { query: { canary: { formula: {} } }, want: [/^error canary\.canary: .*gives no series/] },
    { query: { step: '5 mins' }, want: [/^error canary: .*canary\.step/] },
    { query: { window: 'interval' }, want: [/^error canary: .*needs a metric with an interval/] },
    { query: { window: 'run' }, want: [/^warning canary\.window: .*only begun/] },
    { query: { window: 'run' }, metric: { initialDelay: '10m' }, want: [] },
    { query: { judge: 'x' }, want: [/^error canary: .*judge 'x'/] },
    { query: { judge: 'dredd-v1.0' }, want: [/^warning canary: dredd-v1.0 answers at random/] },
    {
      query: { thresholds: { pass: 50, marginal: 60 } },
      want: [/^warning canary: thresholds: marginal 60 is above pass 50/],
    },
    {
      query: { analysis: { direction: 'increas' } },
      want: [/^warning canary: metric "m": direction "increas" is read as either/],
    },
    {
      query: {
        canaryConfig: { metrics: [{ name: 'a', groups: ['g'] }], classifier: { groupWeights: { h: 120 } } },
        scopes: {},
      },
      want: [/no metric is in group "h"/, /add up to 120/],
    },
    { query: { canaryConfig: { metrics: 5 }, scopes: {} }, want: [/^error canary\.canaryConfig: .*metrics/] },
    { query: { canaryConfig: { metrics: [] } }, want: [/^error canary\.scopes: .*needs scopes/] },
  ])('$query', ({ query, metric = {}, want }) => {
    const found = lint(query, metric);
    expect(found).toHaveLength(want.length);
    for (const [index, pattern] of want.entries()) expect(found[index]).toMatch(pattern);
  });
});
