import { describe, expect, it } from 'vitest';
import { expositionOf } from '../../../services/api/series/exposition.ts';
import { PassSeries } from '../../../services/api/series/pass-series.ts';
import { runLines } from '../../../services/api/series/run-lines.ts';
import { RunSeries } from '../../../services/api/series/run-series.ts';
import type { AnalysisRun, AnalysisRunStatus, MetricResult } from '../../../services/domain/run.ts';
import type { Metric } from '../../../services/domain/template.ts';
import type { Store } from '../../../services/engine/ports.ts';

const NOW = Date.UTC(2026, 0, 1);
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
const typeOf = (provider: Metric['provider'] | undefined) => Object.keys(provider ?? {})[0] ?? 'Unknown Provider';

const run = (name: string, status?: AnalysisRunStatus, spec: object = {}): AnalysisRun => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name, namespace: 'shop' },
  spec: { metrics: [{ name: 'm', provider: { web: {} } }], ...spec },
  ...(status && { status }),
});
const read = (...values: (string | undefined)[]): AnalysisRunStatus => ({
  phase: 'Running',
  metricResults: [
    {
      name: 'm',
      phase: 'Running',
      measurements: values.map((value) => ({ phase: 'Successful', ...(value && { value }) })),
    } as MetricResult,
  ],
});

describe('the lines of a run', () => {
  const valuesOf = (...values: (string | undefined)[]) => {
    const { omitted, text } = runLines(run('a', read(...values)), typeOf);
    const shown = [...text.assay_metric_value.matchAll(/index="([^"]*)".* (\S+)\n/gu)].map((match) =>
      match.slice(1, 3),
    );
    return { shown, omitted };
  };

  it.each([
    { values: ['0.5', '0.7'], shown: [['', '0.7']], omitted: 0 },
    { values: ['0.5', undefined], shown: [['', '0.5']], omitted: 0 },
    {
      values: ['[0.1,NaN,-Inf]'],
      shown: [
        ['0', '0.1'],
        ['1', 'NaN'],
        ['2', '-Inf'],
      ],
      omitted: 0,
    },
    { values: ['{"rate":0.9,"state":"ok"}'], shown: [['rate', '0.9']], omitted: 0 },
    { values: ['true'], shown: [], omitted: 0 },
    { values: [], shown: [], omitted: 0 },
    {
      values: [JSON.stringify(Array.from({ length: 25 }, (_, index) => index))],
      shown: Array.from({ length: 10 }, (_, index) => [String(index), String(index)]),
      omitted: 15,
    },
  ])('show the last value of $values', ({ omitted, shown, values }) => {
    expect(valuesOf(...values)).toEqual({ shown, omitted });
  });

  it('show each line of the resolved conditions once', () => {
    const metrics = [
      {
        name: 'm',
        successCondition: 'result[0] >= {{args.min}} && (result[1] == 1 || result[1] == 2)',
        failureCondition: 'isNaN(result[0])',
        provider: { web: {} },
      },
    ];
    const { omitted, text } = runLines(
      run('a', undefined, { metrics, args: [{ name: 'min', value: '0.95' }] }),
      typeOf,
    );
    expect(text.assay_metric_threshold.trimEnd().split('\n')).toEqual([
      'assay_metric_threshold{condition="successCondition",index="0",metric="m",name="a",namespace="shop",operator=">="} 0.95',
      'assay_metric_threshold{condition="successCondition",index="1",metric="m",name="a",namespace="shop",operator="=="} 1',
    ]);
    expect(omitted).toBe(1);
  });

  it('are escaped, whatever users call their metrics', () => {
    const { text } = runLines(run('a', undefined, { metrics: [{ name: 'a"b\\c\nd\ud800', provider: {} }] }), typeOf);
    expect(text.analysis_run_metric_type).toBe(
      'analysis_run_metric_type{metric="a\\"b\\\\c\\nd\ufffd",name="a",namespace="shop",type="Unknown Provider"} 1\n',
    );
  });
});

describe('which runs have series', () => {
  const stored = new Map<string, AnalysisRun>();
  const store = { get: async ({ name }: { name: string }) => stored.get(name) } as unknown as Store;
  const started = (settings: { runs: number; completedForMs?: number }) => {
    stored.clear();
    const series = new RunSeries({ completedForMs: 3_600_000, typeOf, ...settings });
    const put = (after: AnalysisRun) => {
      series.apply(stored.get(after.metadata.name), after);
      stored.set(after.metadata.name, after);
    };
    const remove = (name: string) => {
      series.apply(stored.get(name), undefined);
      stored.delete(name);
    };
    const shown = async () => {
      const { lines, omitted } = await series.shown(store, NOW);
      const names = lines.map(({ text }) => /name="([^"]*)"/u.exec(text.analysis_run_info)![1]);
      return { names, omitted };
    };
    return { series, put, remove, shown };
  };
  const done = (name: string, minutesAgo: number) =>
    run(name, { phase: 'Successful', completedAt: ago(minutesAgo), startedAt: ago(minutesAgo + 1) });

  it('live ones first, then the latest completed; a live one keeps its place; what is left out is counted', async () => {
    const { put, remove, shown, series } = started({ runs: 3 });
    for (const minutes of [5, 1, 3]) put(done(`done-${minutes}`, minutes));
    put(run('live-a'));
    expect(await shown()).toEqual({
      names: ['live-a', 'done-1', 'done-3'],
      omitted: { live: 0, completed: 1, samples: 0 },
    });
    for (const name of ['b', 'c', 'd']) put(run(`live-${name}`, read('1')));
    expect(await shown()).toEqual({
      names: ['live-a', 'live-b', 'live-c'],
      omitted: { live: 1, completed: 3, samples: 0 },
    });
    remove('live-b');
    put(done('live-a', 0));
    expect((await shown()).names).toEqual(['live-c', 'live-d', 'live-a']);
    expect(Object.fromEntries(series.phases)).toMatchObject({ Running: 2, Successful: 4 });
  });

  it('a completed one for a time', async () => {
    const { put, shown } = started({ runs: 10 });
    put(done('old', 61));
    put(done('new', 59));
    expect(await shown()).toEqual({ names: ['new'], omitted: { live: 0, completed: 1, samples: 0 } });
  });

  it('none, if so set', async () => {
    const { put, shown } = started({ runs: 0 });
    put(run('a'));
    put(done('b', 1));
    expect(await shown()).toEqual({ names: [], omitted: { live: 1, completed: 1, samples: 0 } });
  });

  it('each in its newest state', async () => {
    const { put, series } = started({ runs: 10 });
    const phase = async () => (await series.shown(store, NOW)).lines[0]!.text.analysis_run_info;
    put(run('a'));
    expect(await phase()).toContain('phase=""');
    put(run('a', read('1')));
    expect(await phase()).toContain('phase="Running"');
    expect(await phase()).toContain('phase="Running"');
  });
});

describe('passes by run', () => {
  it('are kept of those that were passed over last, and not for ever', async () => {
    const passes = new PassSeries({ runs: 2, completedForMs: 1000 });
    passes.passed('shop/a', 0.2, NOW);
    passes.passed('shop/b', 2, NOW);
    passes.passed('shop/b', 0.001, NOW);
    passes.passed('shop/c', 0.2, NOW + 500);
    const text = async (now: number) => {
      let all = '';
      for await (const piece of expositionOf('', passes, now, undefined)) all += piece;
      return all;
    };
    const first = await text(NOW + 500);
    expect(first).not.toContain('name="a"');
    expect(first.match(/analysis_run_reconcile_bucket\{le="[^"]*",name="b".*\d/gu)).toEqual(
      ['0.01', '0.15', '0.25', '0.5', '1', '+Inf'].map(
        (le) => `analysis_run_reconcile_bucket{le="${le}",name="b",namespace="shop"} ${le === '+Inf' ? 2 : 1}`,
      ),
    );
    expect(await text(NOW + 1200)).not.toContain('name="b"');
  });
});
