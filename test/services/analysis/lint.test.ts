import { describe, expect, it } from 'vitest';
import { type Finding, lintRollout, lintRun, lintTemplate } from '../../../services/analysis/lint.ts';
import type { Rollout, RolloutAnalysis, RolloutStrategy } from '../../../services/analysis/rollout/rollout.ts';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import type { AnalysisTemplate, Metric } from '../../../services/domain/template.ts';

const apiVersion = 'argoproj.io/v1alpha1';
const web = { web: { url: 'http://shop/health' } };
const prometheus = (query = 'up', more: object = {}) => ({ prometheus: { query, ...more } });
/** Nothing to say about it. */
const good: Metric = { name: 'm', successCondition: 'result == 1', provider: web };
const metric = (more: Partial<Metric>): Metric => ({ ...good, ...more });

function template(spec: AnalysisTemplate['spec']): AnalysisTemplate {
  return { apiVersion, kind: 'AnalysisTemplate', metadata: { name: 't' }, spec };
}
function run(spec: AnalysisRun['spec'], status?: AnalysisRun['status']): AnalysisRun {
  return { apiVersion, kind: 'AnalysisRun', metadata: { name: 'r' }, spec, ...(status && { status }) };
}
const short = (findings: readonly Finding[]) =>
  findings.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);

interface Row {
  readonly name: string;
  readonly bad: Partial<Metric>;
  readonly fine: Partial<Metric>;
  /** Part of `severity path: message`; the path is below spec.metrics[0]. */
  readonly says: readonly string[];
}

describe('metrics', () => {
  it.each<Row>([
    {
      name: 'an interval that is no duration',
      bad: { count: 2, interval: '5 mins' },
      fine: { count: 2, interval: '5m' },
      says: [
        'error spec.metrics[0].interval: Analysis spec invalid: invalid interval string: time: unknown unit " mins" in duration "5 mins"',
      ],
    },
    {
      name: 'an initialDelay that is no duration',
      bad: { initialDelay: '1d' },
      fine: { initialDelay: '24h' },
      says: [
        'error spec.metrics[0].initialDelay: Analysis spec invalid: invalid startDelay string: time: unknown unit "d"',
      ],
    },
    {
      name: 'a rule of Argo that is broken',
      bad: { count: 1, failureLimit: 2 },
      fine: { count: 3, failureLimit: 2, interval: '1s' },
      says: [
        'error spec.metrics[0]: Analysis spec invalid: count (1) must be >= failureLimit + consecutiveSuccessLimit (2 + 0) if both >= 0',
      ],
    },
    {
      name: 'no provider',
      bad: { provider: {} },
      fine: {},
      says: ['error spec.metrics[0]: Analysis spec invalid: no provider specified'],
    },
    {
      name: 'a count that reads as 0 with an interval',
      bad: { count: '1O', interval: '1m' },
      fine: { count: '10', interval: '1m' },
      says: ['warning spec.metrics[0].count: "1O" is no whole number and reads as 0: the metric never ends'],
    },
    {
      name: 'a limit that reads as 0',
      bad: { count: 5, interval: '1m', failureLimit: '1.5' },
      fine: { count: 5, interval: '1m', failureLimit: '1' },
      says: [
        'warning spec.metrics[0].failureLimit: "1.5" is no whole number and reads as 0: the first failure fails the metric',
      ],
    },
    {
      name: 'a count of 0',
      bad: { count: 0 },
      fine: { count: 1 },
      says: ['warning spec.metrics[0].count: 0 means one measurement, not none'],
    },
    {
      name: 'a negative count',
      bad: { count: -1, interval: '1m' },
      fine: { count: 1, interval: '1m' },
      says: ['warning spec.metrics[0].count: -1 is reached at once'],
    },
    {
      name: 'an interval without count',
      bad: { interval: '1m' },
      fine: { interval: '1m', count: 3 },
      says: ['warning spec.metrics[0]: an interval without count goes on until a broken limit'],
    },
    {
      name: 'a failureLimit that cannot be exceeded',
      bad: { count: 5, interval: '1m', failureLimit: 5 },
      fine: { count: 5, interval: '1m', failureLimit: 4 },
      says: [
        'warning spec.metrics[0].failureLimit: can never be exceeded: with 5 measurements all may fail and the metric is Successful',
      ],
    },
    {
      name: 'a failureLimit for a single measurement',
      bad: { failureLimit: 3 },
      fine: { failureLimit: 0 },
      says: ['warning spec.metrics[0].failureLimit: can never be exceeded: with 1 measurement all may fail'],
    },
    {
      name: 'an inconclusiveLimit that cannot be exceeded',
      bad: { count: 2, interval: '1m', inconclusiveLimit: 2 },
      fine: { count: 2, interval: '1m', inconclusiveLimit: 1 },
      says: ['warning spec.metrics[0].inconclusiveLimit: can never be exceeded'],
    },
    {
      name: 'a streak with a count',
      bad: { count: 5, interval: '1m', consecutiveSuccessLimit: 3 },
      fine: { count: 5, interval: '1m' },
      says: [
        'warning spec.metrics[0].consecutiveSuccessLimit: when count is reached without the streak the run ends Inconclusive with no message',
      ],
    },
    {
      name: 'no pause between measurements',
      bad: { count: 3, interval: '0s' },
      fine: { count: 3, interval: '1s' },
      says: ['warning spec.metrics[0].interval: "0s" asks the source again and again'],
    },
    {
      name: 'no condition',
      bad: { successCondition: '' },
      fine: {},
      says: ['warning spec.metrics[0]: no condition: every measurement that answers at all is Successful'],
    },
    {
      name: 'a condition for a source that decides itself',
      bad: { provider: { job: { spec: {} } } },
      fine: { provider: { job: { spec: {} } }, successCondition: '' },
      says: ['warning spec.metrics[0].successCondition: never evaluated: job decides itself'],
    },
    {
      name: 'a condition that does not parse',
      bad: { successCondition: 'result >' },
      fine: { successCondition: 'result > 1' },
      says: ['error spec.metrics[0].successCondition: every measurement ends in Error: unexpected token EOF (1:8)'],
    },
    {
      name: 'a condition with an unknown name',
      bad: { failureCondition: 'results > 1' },
      fine: { failureCondition: 'result > 1' },
      says: ['error spec.metrics[0].failureCondition: every measurement ends in Error: unknown name results'],
    },
    {
      name: 'a condition that is no condition',
      bad: { successCondition: 'len(result)', provider: prometheus() },
      fine: { successCondition: 'len(result) > 0', provider: prometheus() },
      says: ['error spec.metrics[0].successCondition: every measurement ends in Error: expected bool, but got int'],
    },
    {
      name: 'a condition that does not look at the result',
      bad: { successCondition: 'true' },
      fine: {},
      says: ['warning spec.metrics[0].successCondition: does not look at result'],
    },
    {
      name: 'default() of a part of the result',
      bad: { successCondition: 'default(result.rate, 1) > 0.9' },
      fine: { successCondition: '(result.rate ?? 1) > 0.9' },
      says: [
        'warning spec.metrics[0].successCondition: default() ignores its first argument and looks at the whole result',
      ],
    },
    {
      name: 'isNil() of a part of the result',
      bad: { successCondition: 'isNil(result.error)' },
      fine: { successCondition: 'isNil(result) || result.error == nil' },
      says: ['warning spec.metrics[0].successCondition: isNil() ignores its first argument'],
    },
    {
      name: 'a list compared with a number',
      bad: { successCondition: 'result >= 0.95', provider: prometheus() },
      fine: { successCondition: 'result >= 0.95', provider: prometheus('scalar(up)') },
      says: [
        'warning spec.metrics[0].successCondition: the query answers with a list, even of one value: invalid operation: >=',
      ],
    },
    {
      name: 'a range compared with a number',
      bad: {
        successCondition: 'result >= 0.95',
        provider: prometheus('up', { rangeQuery: { start: 'now()', end: 'now()', step: '1m' } }),
      },
      fine: {
        successCondition: 'len(result) > 0 && all(result, # >= 0.95)',
        provider: prometheus('up', { rangeQuery: { start: 'now()', end: 'now()', step: '1m' } }),
      },
      says: ['error spec.metrics[0].successCondition: the query answers with a list'],
    },
    {
      name: 'an element of a number',
      bad: { successCondition: 'result[0] >= 0.95', provider: prometheus('scalar(up)') },
      fine: { successCondition: 'result >= 0.95', provider: prometheus('scalar(up)') },
      says: ['warning spec.metrics[0].successCondition: the query answers with one number'],
    },
    {
      name: 'an empty list',
      bad: { successCondition: 'result[0] >= 0.95', provider: prometheus() },
      fine: { successCondition: 'len(result) > 0 && result[0] >= 0.95', provider: prometheus() },
      says: ['warning spec.metrics[0].successCondition: no data is an empty list, and this ends in Error for it'],
    },
    {
      name: 'all() of an empty list',
      bad: { successCondition: 'all(result, # < 5)', provider: prometheus() },
      fine: { successCondition: 'len(result) > 0 && all(result, # < 5)', provider: prometheus() },
      says: ['warning spec.metrics[0].successCondition: all() is true of an empty list: no data is Successful'],
    },
    {
      name: 'a division that may yield NaN',
      bad: {
        successCondition: '',
        failureCondition: 'len(result) > 0 && result[0] > 0.05',
        provider: prometheus('errors / requests'),
      },
      fine: {
        successCondition: '',
        failureCondition: 'len(result) > 0 && (isNaN(result[0]) || result[0] > 0.05)',
        provider: prometheus('errors / requests'),
      },
      says: [
        'warning spec.metrics[0].failureCondition: without traffic the division yields NaN, which every comparison is false of: the measurement is Successful',
      ],
    },
    {
      name: 'nothing from Datadog',
      bad: { successCondition: 'result < 0.05', provider: { datadog: { query: 'avg:x{*}' } } },
      fine: { successCondition: 'default(result, 0) < 0.05', provider: { datadog: { query: 'avg:x{*}' } } },
      says: ['warning spec.metrics[0].successCondition: no data is nil, and a comparison with nil ends in Error'],
    },
  ])('$name', ({ bad, fine, says }) => {
    expect(short(lintTemplate(template({ metrics: [metric(fine)] })))).toEqual([]);
    expect(short(lintTemplate(template({ metrics: [metric(bad)] })))).toEqual(
      says.map((text) => expect.stringContaining(text)),
    );
  });
});

describe('arguments and placeholders', () => {
  const uses = (text: string): Metric =>
    metric({ successCondition: 'result == 1', provider: { web: { url: `http://shop/${text}` } } });
  const withValue = { name: 'a', value: '1' };
  const secret = { name: 'a', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };

  it.each<{ name: string; bad: AnalysisTemplate['spec']; fine: AnalysisTemplate['spec']; says: string }>([
    {
      name: 'a placeholder that nothing declares',
      bad: { args: [withValue], metrics: [uses('{{args.b}}')] },
      fine: { args: [withValue], metrics: [uses('{{args.a}}')] },
      says: 'error spec.metrics[0].provider.web.url: Unable to resolve metric arguments: failed to resolve {{args.b}}',
    },
    {
      name: "another language's placeholder",
      bad: { metrics: [uses('{{ $labels.pod }}')] },
      fine: { metrics: [uses('$labels.pod')] },
      says: 'error spec.metrics[0].provider.web.url: Unable to resolve metric arguments: failed to resolve {{$labels.pod}}',
    },
    {
      name: 'a placeholder without an end',
      bad: { args: [withValue], metrics: [uses('{{args.a}')] },
      fine: { args: [withValue], metrics: [uses('{{args.a}}')] },
      says: 'error spec.metrics[0].provider.web.url: Unable to resolve metric arguments: Cannot find end tag="}}"',
    },
    {
      name: 'an interval from a secret',
      bad: { args: [secret], metrics: [metric({ count: 2, interval: '{{args.a}}' })] },
      fine: { args: [{ name: 'a', value: '1m' }], metrics: [metric({ count: 2, interval: '{{args.a}}' })] },
      says: 'error spec.metrics[0].interval: Analysis spec invalid: invalid interval string: time: invalid duration "temp-for-secret"',
    },
    {
      name: 'a limit from a secret',
      bad: { args: [secret], metrics: [metric({ count: 2, interval: '1m', failureLimit: '{{args.a}}' })] },
      fine: { args: [withValue], metrics: [metric({ count: 2, interval: '1m', failureLimit: '{{args.a}}' })] },
      says: 'warning spec.metrics[0].failureLimit: a secret counts as 0 here',
    },
    {
      name: 'a secret in a query that is stored',
      bad: {
        args: [secret],
        metrics: [metric({ successCondition: 'len(result) > 0', provider: prometheus('up{token="{{args.a}}"}') })],
      },
      fine: {
        args: [secret],
        metrics: [
          metric({
            successCondition: 'len(result) > 0',
            provider: prometheus('up', { headers: [{ key: 'x-token', value: '{{args.a}}' }] }),
          }),
        ],
      },
      says: "warning spec.metrics[0].provider.prometheus.query: Argo stores the query in the run's status, with the secret in clear",
    },
    {
      name: 'two arguments of one name',
      bad: { args: [withValue, { name: 'a', value: '2' }], metrics: [uses('{{args.a}}')] },
      fine: { args: [withValue, { name: 'b', value: '2' }], metrics: [uses('{{args.a}}{{args.b}}')] },
      says: 'warning spec.args[1].name: "a" stands twice in the list: the last one counts',
    },
    {
      name: 'a value beside a secret',
      bad: { args: [{ ...withValue, ...secret }], metrics: [uses('{{args.a}}')] },
      fine: { args: [secret], metrics: [uses('{{args.a}}')] },
      says: 'warning spec.args[0]: "a" has a value and a secret',
    },
    {
      name: 'a fieldRef in a template',
      bad: {
        args: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        metrics: [uses('{{args.a}}')],
      },
      fine: { args: [{ name: 'a' }], metrics: [uses('{{args.a}}')] },
      says: 'warning spec.args[0].valueFrom.fieldRef: nothing resolves a fieldRef in a template',
    },
    {
      name: 'an argument that must be given for nothing',
      bad: { args: [{ name: 'a' }], metrics: [good] },
      fine: { args: [withValue], metrics: [good] },
      says: 'warning spec.args[0]: nothing uses "a"',
    },
    {
      name: 'a template without metrics',
      bad: {},
      fine: { templates: [{ templateName: 'other' }] },
      says: 'error spec.metrics: Analysis spec invalid: no metrics specified',
    },
    {
      name: 'two metrics of one name',
      bad: { metrics: [good, good] },
      fine: { metrics: [good, { ...good, name: 'n' }] },
      says: "error spec.metrics[1].name: Analysis spec invalid: metrics[1]: duplicate name 'm'",
    },
    {
      name: 'a template that refers to itself',
      bad: { metrics: [good], templates: [{ templateName: 't' }] },
      fine: { metrics: [good], templates: [{ templateName: 't', clusterScope: true }] },
      says: 'error spec.templates[0]: the template refers to itself',
    },
  ])('$name', ({ bad, fine, says }) => {
    expect(short(lintTemplate(template(fine)))).toEqual([]);
    expect(short(lintTemplate(template(bad)))).toEqual([expect.stringContaining(says)]);
  });

  it('shows the place in a condition, and what YAML makes of a #', () => {
    const [finding] = lintTemplate(template({ metrics: [metric({ successCondition: 'all(result,' })] }));
    expect(finding).toMatchObject({
      excerpt: ' | all(result,\n | ..........^',
      fix: expect.stringContaining('in quotes'),
    });
  });

  it('keeps quiet about what only an argument can tell', () => {
    const args = ['name', 'interval', 'count', 'limit', 'condition', 'query'].map((name) => ({ name }));
    const open = metric({
      name: '{{args.name}}',
      interval: '{{args.interval}}',
      count: '{{args.count}}',
      failureLimit: '{{args.limit}}',
      successCondition: 'result > {{args.condition}}',
      provider: prometheus('{{args.query}}'),
    });
    expect(lintTemplate(template({ args, metrics: [open], dryRun: [{ metricName: 'any' }] }))).toEqual([]);
  });
});

describe('rules', () => {
  const metrics = [metric({ name: 'rate' }), metric({ name: 'error-rate' })];
  it.each<{ name: string; bad: AnalysisTemplate['spec']; fine: AnalysisTemplate['spec']; says: string }>([
    {
      name: 'the star that Argo recommends',
      bad: { metrics, dryRun: [{ metricName: '*' }] },
      fine: { metrics, dryRun: [{ metricName: '^error' }] },
      says: 'error spec.dryRun[0].metricName: "*" is no regular expression and so matches nothing',
    },
    {
      name: 'a rule that matches nothing',
      bad: { metrics, measurementRetention: [{ metricName: 'latency', limit: 5 }] },
      fine: { metrics, measurementRetention: [{ metricName: 'error-rate', limit: 5 }] },
      says: "error spec.measurementRetention[0].metricName: Analysis spec invalid: measurementRetention[0]: Rule didn't match any metric name(s)",
    },
    {
      name: 'a name that is part of another',
      bad: { metrics, measurementRetention: [{ metricName: 'rate', limit: 5 }] },
      fine: { metrics, measurementRetention: [{ metricName: '^rate$', limit: 5 }] },
      says: 'warning spec.measurementRetention[0].metricName: matches anywhere in a name, so that it also takes error-rate',
    },
    {
      name: 'a retention of 0',
      bad: { metrics, measurementRetention: [{ metricName: '^rate$', limit: 0 }] },
      fine: { metrics, measurementRetention: [{ metricName: '^rate$', limit: 1 }] },
      says: 'warning spec.measurementRetention[0].limit: 0 does not keep none',
    },
    {
      name: 'nothing but dry metrics',
      bad: { metrics, dryRun: [{ metricName: '.*' }] },
      fine: { metrics, dryRun: [{ metricName: '^rate$' }] },
      says: 'warning spec.dryRun: every metric only watches',
    },
    {
      name: 'an empty rule',
      bad: { metrics: [...metrics], measurementRetention: [{ metricName: '', limit: 3 }] },
      fine: { metrics, measurementRetention: [{ metricName: '.*', limit: 3 }] },
      says: 'warning spec.measurementRetention[0].metricName: the empty expression matches every metric',
    },
  ])('$name', ({ bad, fine, says }) => {
    expect(short(lintTemplate(template(fine)))).toEqual([]);
    expect(short(lintTemplate(template(bad)))).toEqual([expect.stringContaining(says)]);
  });
});

describe('runs', () => {
  const metrics = [good];
  it.each<{ name: string; bad: AnalysisRun; fine: AnalysisRun; says: string }>([
    {
      name: 'an argument without a value, used or not',
      bad: run({ metrics, args: [{ name: 'a' }] }),
      fine: run({ metrics, args: [{ name: 'a', value: '' }] }),
      says: 'error spec.args[0]: Unable to resolve metric arguments: argument "a" was not supplied',
    },
    {
      name: 'a fieldRef',
      bad: run({ metrics, args: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      fine: run({ metrics, args: [{ name: 'a', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
      says: 'error spec.args[0].valueFrom.fieldRef: Unable to resolve metric arguments: argument "a" was not supplied: a run does not resolve fieldRef',
    },
    {
      name: 'a run that starts terminated',
      bad: run({ metrics, terminate: true }),
      fine: run({ metrics, terminate: true }, { phase: 'Running' }),
      says: 'warning spec.terminate: the run starts terminated: it measures nothing and ends Successful',
    },
    {
      name: 'a time to live for Failed runs only',
      bad: run({ metrics, ttlStrategy: { secondsAfterFailure: 60 } }),
      fine: run({ metrics, ttlStrategy: { secondsAfterFailure: 60, secondsAfterCompletion: 600 } }),
      says: 'warning spec.ttlStrategy.secondsAfterFailure: covers Failed only',
    },
  ])('$name', ({ bad, fine, says }) => {
    expect(short(lintRun(fine))).toEqual([]);
    expect(short(lintRun(bad))).toEqual([expect.stringContaining(says)]);
  });
});

describe('Rollouts', () => {
  const rollout = (strategy: RolloutStrategy): Rollout => ({
    apiVersion,
    kind: 'Rollout',
    metadata: { name: 'shop' },
    spec: { strategy },
  });
  const step = (analysis: RolloutAnalysis): Rollout => rollout({ canary: { steps: [{ analysis }] } });
  const templates = [{ templateName: 't' }];
  const known = (spec: AnalysisTemplate['spec']) => [template(spec)];
  const path = 'spec.strategy.canary.steps[0]';

  it.each<{ name: string; bad: Rollout; fine: Rollout; with?: AnalysisTemplate[]; says: string }>([
    {
      name: 'a step that does nothing',
      bad: rollout({ canary: { steps: [{}] } }),
      fine: rollout({ canary: { steps: [{ analysis: {} }] } }),
      says: `error ${path}: a step must do something`,
    },
    {
      name: 'a step that does two things',
      bad: rollout({ canary: { steps: [{ analysis: {}, experiment: {} }] } }),
      fine: rollout({ canary: { steps: [{ experiment: {} }] } }),
      says: `error ${path}: a step does one thing, not analysis and experiment`,
    },
    {
      name: 'metadata that the downward API does not know',
      bad: step({ args: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.labels.app' } } }] }),
      fine: step({ args: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }] }),
      says: `error ${path}.analysis.args[0].valueFrom.fieldRef.fieldPath: Analyses arguments must refer to valid object metadata supported by downwardAPI: unsupported fieldPath: metadata.labels.app`,
    },
    {
      name: 'an argument without value',
      bad: step({ args: [{ name: 'a' }] }),
      fine: step({ args: [{ name: 'a', value: '' }] }),
      says: `warning ${path}.analysis.args[0]: "a" has no value: it becomes the empty string`,
    },
    {
      name: 'an error that a later fieldRef hides',
      bad: step({
        args: [
          { name: 'a', valueFrom: { fieldRef: { fieldPath: 'status.x' } } },
          { name: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
      }),
      fine: step({
        args: [
          { name: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'a', valueFrom: { fieldRef: { fieldPath: 'status.x' } } },
        ],
      }),
      says: `warning ${path}.analysis.args[0].valueFrom.fieldRef: when status.x cannot be read, a later fieldRef hides the error`,
    },
    {
      name: 'an inline metric without end',
      bad: step({ templates }),
      fine: rollout({ canary: { analysis: { templates } } }),
      with: known({ metrics: [metric({ interval: '1m' })] }),
      says: `error ${path}.analysis.templates: Invalid value: "t": AnalysisTemplate t has metric m which runs indefinitely. Invalid value for count: <nil>`,
    },
    {
      name: 'an argument that nobody gives',
      bad: step({ templates }),
      fine: step({ templates, args: [{ name: 'a', value: '1' }] }),
      with: known({ args: [{ name: 'a' }], metrics: [good] }),
      says: `error ${path}.analysis.templates: Invalid value: "templateNames: [t]": args.a was not resolved`,
    },
    {
      name: 'an argument that no template declares',
      bad: step({ templates, args: [{ name: 'b', value: '1' }] }),
      fine: step({ templates }),
      with: known({ metrics: [good] }),
      says: `warning ${path}.analysis.args[0]: no template declares "b": it is dropped`,
    },
    {
      name: 'a template that is not at hand',
      bad: step({ templates: [{ templateName: 'u' }] }),
      fine: step({ templates }),
      with: known({ metrics: [good] }),
      says: `warning ${path}.analysis.templates[0]: AnalysisTemplate 'u' not found`,
    },
    {
      name: 'a secret that another template takes away',
      bad: step({ templates: [...templates, { templateName: 'twin' }], args: [{ name: 'token', value: 'x' }] }),
      fine: step({ templates, args: [{ name: 'token', value: 'x' }] }),
      with: [
        ...known({ args: [{ name: 'token', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }], metrics: [good] }),
        {
          ...template({ args: [{ name: 'token' }], metrics: [{ ...good, name: 'n' }] }),
          metadata: { name: 'twin' },
        },
      ],
      says: `warning ${path}.analysis.templates: two templates declare "token": the later one replaces the secret s/k`,
    },
    {
      name: 'templates that refer to each other',
      bad: step({ templates: [{ templateName: 'a' }] }),
      fine: step({ templates: [{ templateName: 'b' }] }),
      with: [
        { ...template({ metrics: [good], templates: [{ templateName: 'a' }] }), metadata: { name: 'a' } },
        { ...template({ metrics: [good] }), metadata: { name: 'b' } },
      ],
      says: `error ${path}.analysis.templates[0]: AnalysisTemplate 'a' refers to itself`,
    },
  ])('$name', async ({ bad, fine, with: at, says }) => {
    expect(short(await lintRollout(fine, at))).toEqual([]);
    expect(short(await lintRollout(bad, at))).toEqual([expect.stringContaining(says)]);
  });
});
