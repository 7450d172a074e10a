/** The dashboards and alert rules that Grafana and Prometheus are given, against a real Prometheus that scrapes a live Assay. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AssayServer, startAssay } from '../../support/assay-server.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type PrometheusServer, startPrometheus } from '../../support/prometheus.ts';

const FOLDER = new URL('../../../services/dashboard/grafana/', import.meta.url);
const ANALYSIS = '/apis/argoproj.io/v1alpha1/namespaces/shop';
const promtool = (args: readonly string[]) => promisify(execFile)('promtool', args);

interface Target {
  readonly expr: string;
  readonly datasource: unknown;
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly datasource: unknown;
  readonly targets: readonly Target[];
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
const dashboards = await Promise.all(
  files.map(async (name) => JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as Dashboard),
);
const rulesText = await readFile(new URL('alerts.yaml', FOLDER), 'utf8');
const rules = (parse(rulesText) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

/** What Grafana puts in the place of variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  namespace: 'shop',
  run: 'live',
  job: '.+',
  __rate_interval: '30s',
  __range: '1m',
};
const filled = (expr: string): string => expr.replace(/\$(\w+)/gu, (_, name: string) => VARIABLES[name] ?? `$${name}`);
/** What a rule looks at, however it is now. */
const withoutLimits = (expr: string): string => expr.replaceAll(/\s(==|[<>]=?)\s+[\d.e]+/gu, '');

describe('over a live Assay with runs of each phase', () => {
  let source: TestServer;
  let assay: AssayServer;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    source = await serve((request, response) => {
      if (request.url === '/broken') response.writeHead(500).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"rate":0.97}');
    });
    assay = await startAssay();
    prometheus = await startPrometheus({ targets: [{ job: 'assay', address: new URL(assay.url).host }] });
    const provider = (path: string) => ({ web: { url: source.url + path, jsonPath: '{$.rate}' } });
    const create = (plural: string, kind: string, name: string, metric: object) =>
      fetch(`${assay.url}${ANALYSIS}/${plural}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ apiVersion: 'argoproj.io/v1alpha1', kind, metadata: { name } },
          spec: { metrics: [{ name: 'rate', provider: provider('/'), ...metric }] },
        }),
      });
    const answers = await Promise.all([
      create('analysistemplates', 'AnalysisTemplate', 'rate', { successCondition: 'result > 0.9' }),
      ...Object.entries({
        good: { successCondition: 'result > 0.9' },
        bad: { failureCondition: 'result > 0.9' },
        unsure: { successCondition: 'result > 1', failureCondition: 'result < 0.9' },
        broken: { consecutiveErrorLimit: 0, provider: provider('/broken') },
        live: { successCondition: 'result >= 0.95', interval: '1s' },
      }).map(([name, metric]) => create('analysisruns', 'AnalysisRun', name, metric)),
    ]);
    for (const answer of answers) expect(answer.status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([prometheus?.stop(), assay?.stop(), source?.close()]);
  });

  const samplesOf = async (expr: string): Promise<number> => {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const { data, error } = (await answer.json()) as { data?: { result: unknown[] }; error?: string };
    if (data === undefined) throw new Error(`${expr}: ${error}`);
    return data.result.length;
  };
  const withoutData = async (expressions: readonly string[]): Promise<string[]> => {
    const counts = await Promise.all(expressions.map(samplesOf));
    return expressions.filter((_, index) => counts[index] === 0);
  };

  it('every expression of every panel, variable and rule has data', { timeout: 60_000 }, async () => {
    const panels = dashboards.flatMap((dashboard) => dashboard.panels.flatMap(({ targets }) => targets));
    const variables = dashboards
      .flatMap(({ templating }) => templating.list)
      .flatMap(({ definition }) => definition?.replace(/^label_values\((.*), \w+\)$/u, '$1') ?? []);
    const expressions = [
      ...panels.map(({ expr }) => filled(expr)),
      ...variables.map(filled),
      ...rules.map(({ expr }) => withoutLimits(expr)),
    ];
    expect(expressions.length).toBeGreaterThan(40);
    await expect.poll(() => withoutData(expressions), { timeout: 45_000, interval: 1_000 }).toEqual([]);
    expect(await withoutData(['assay_no_such_series'])).toEqual(['assay_no_such_series']);
    expect(
      await withoutData(
        ['Successful', 'Failed', 'Inconclusive', 'Error', 'Running'].map(
          (phase) => `analysis_run_info{phase="${phase}"}`,
        ),
      ),
    ).toEqual([]);
  });
});

describe('the dashboards', () => {
  it.each(dashboards)(
    '$title can be imported: the data source is a variable, and no panel lies on another',
    ({ panels, templating, uid }) => {
      expect(uid).toMatch(/^assay-/u);
      expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
      const known = new Set([...templating.list.map(({ name }) => name), '__rate_interval', '__range']);
      const taken = new Set<string>();
      for (const { datasource, gridPos, targets, title } of panels) {
        expect([title, datasource]).toEqual([title, { type: 'prometheus', uid: '${datasource}' }]);
        for (const { expr } of targets)
          for (const [, name] of expr.matchAll(/\$(\w+)/gu)) expect(known, `${title}: ${expr}`).toContain(name);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            expect(taken, title).not.toContain(`${x},${y}`);
            taken.add(`${x},${y}`);
          }
      }
    },
  );
});

/** For each rule: what makes it fire, and what does not yet. Series as promtool takes them, one sample a minute. */
const CASES: Readonly<Record<string, { readonly fires: Series; readonly rests: Series }>> = {
  AssayNoWorker: {
    fires: { 'assay_workers{job="a"}': '0x30' },
    rests: { 'assay_workers{job="a",instance="1"}': '1x30', 'assay_workers{job="a",instance="2"}': '0x30' },
  },
  AssayStoreNotReady: {
    fires: { 'assay_store_ready{job="a",instance="1"}': '0x30' },
    rests: { 'assay_store_ready{job="a",instance="1"}': '1 0 1x30' },
  },
  AssayQueueLag: {
    fires: { 'assay_queue_lag_seconds{job="a"}': '31x30' },
    rests: { 'assay_queue_lag_seconds{job="a"}': '29x30' },
  },
  AssayProviderErrors: {
    fires: errors(30, 70),
    rests: errors(10, 90),
  },
  AssayRunsFailing: { fires: completed(6, 4), rests: completed(4, 6) },
  AssayDeadNotifications: {
    fires: { 'assay_deliveries_dead{job="a"}': '1x30' },
    rests: { 'assay_deliveries_dead{job="a"}': '0x30' },
  },
  AssayEventLoopLag: {
    fires: {
      'nodejs_eventloop_lag_p99_seconds{job="a",instance="1"}': '0.6x30',
      'assay_store_ready{job="a",instance="1"}': '1x30',
    },
    // Another Node program than Assay.
    rests: {
      'nodejs_eventloop_lag_p99_seconds{job="b",instance="1"}': '0.6x30',
      'assay_store_ready{job="a",instance="1"}': '1x30',
    },
  },
  AssayMemory: {
    fires: {
      'process_resident_memory_bytes{job="a",instance="1"}': '1.6e9x30',
      'assay_store_ready{job="a",instance="1"}': '1x30',
    },
    rests: {
      'process_resident_memory_bytes{job="a",instance="1"}': '1.4e9x30',
      'assay_store_ready{job="a",instance="1"}': '1x30',
    },
  },
  AssaySeriesOmitted: {
    fires: { 'assay_series_omitted{job="a",what="live"}': '1x30' },
    rests: { 'assay_series_omitted{job="a",what="completed"}': '1x30' },
  },
};
type Series = Readonly<Record<string, string>>;

function errors(bad: number, good: number): Series {
  return {
    'assay_measurements_total{job="a",provider="web",phase="Error"}': `0+${bad}x30`,
    'assay_measurements_total{job="a",provider="web",phase="Successful"}': `0+${good}x30`,
  };
}

function completed(failed: number, successful: number): Series {
  return {
    'assay_runs_completed_total{job="a",phase="Failed"}': `0+${failed}x30`,
    'assay_runs_completed_total{job="a",phase="Successful"}': `0+${successful}x30`,
  };
}

describe('the alert rules', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-rules-'));
    await writeFile(join(folder, 'alerts.yaml'), rulesText);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const check = async (expectation: (name: string, when: 'fires' | 'rests') => object) => {
    const tests = Object.entries(CASES).flatMap(([name, series]) =>
      (['fires', 'rests'] as const).map((when) => ({
        name: `${name} ${when}`,
        interval: '1m',
        input_series: Object.entries(series[when]).map(([each, values]) => ({ series: each, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
            eval_time: '25m',
            ...expectation(name, when),
          },
        ],
      })),
    );
    const file = join(folder, 'test.yaml');
    await writeFile(file, JSON.stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests }));
    return promtool(['test', 'rules', file]);
  };

  it('read, and say what happened and what to do', async () => {
    await promtool(['check', 'rules', join(folder, 'alerts.yaml')]);
    for (const { annotations, labels } of rules) {
      expect(Object.keys(annotations)).toEqual(['summary', 'description']);
      expect(labels['severity']).toMatch(/^(critical|warning|info)$/u);
    }
  });

  it('fire each when it must, and not before', async () => {
    expect(Object.keys(CASES).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
    await check((_, when) => ({ exp_samples: when === 'fires' ? [{ labels: '{}', value: 1 }] : [] }));
    await expect(check(() => ({ exp_samples: [] }))).rejects.toThrow(/FAILED/u);
  });
});
