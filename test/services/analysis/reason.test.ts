import { describe, expect, it } from 'vitest';
import { outcomeWarnings } from '../../../services/analysis/outcome-warnings.ts';
import { type Reason, reasonOf } from '../../../services/analysis/reason.ts';
import type { AnalysisRun, AnalysisRunStatus, MetricResult } from '../../../services/domain/run.ts';
import type { Metric } from '../../../services/domain/template.ts';

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
const measurement = (phase: string, second: number, rest: object = {}) => ({
  phase,
  startedAt: at(second),
  finishedAt: at(second),
  ...rest,
});
const metric = (name: string, rest: object = {}): Metric =>
  ({ name, provider: { web: { url: 'u' } }, ...rest }) as Metric;
const run = (metrics: readonly Metric[], status: object, spec: object = {}) =>
  ({ spec: { metrics, ...spec }, status }) as unknown as Pick<AnalysisRun, 'spec' | 'status'>;

describe('the reason of a run', () => {
  const failing: Partial<MetricResult> = {
    name: 'errors',
    count: 3,
    failed: 2,
    successful: 1,
    measurements: [
      measurement('Successful', 1, { value: '0.01' }),
      measurement('Failed', 2, { value: '0.2' }),
      measurement('Failed', 3, { value: '0.3' }),
    ] as never,
  };

  it('of a failed one names metric, value, condition, limit, samples and since when', () => {
    const reason = reasonOf(
      run(
        [
          metric('ok'),
          metric('errors', { failureLimit: 1, interval: '1s', successCondition: 'result < {{args.max}}' }),
        ],
        {
          phase: 'Failed',
          completedAt: at(3),
          metricResults: [
            { ...failing, phase: 'Failed' },
            { name: 'ok', phase: 'Successful', count: 1, successful: 1 },
          ],
        },
        { args: [{ name: 'max', value: '0.05' }] },
      ),
    );
    expect(reason).toEqual({
      phase: 'Failed',
      metric: 'errors',
      value: '0.3',
      conditions: [{ field: 'successCondition', text: 'result < 0.05', held: false }],
      threshold: { phase: 'Failed', name: 'failureLimit', actual: 2, limit: 1, text: 'failed (2) > failureLimit (1)' },
      samples: 3,
      since: at(2),
      sentence: `Metric "errors" Failed: value 0.3; successCondition "result < 0.05" was false; failed (2) > failureLimit (1); 3 samples since ${at(2)}`,
    } satisfies Reason);
  });

  it.each([
    {
      name: 'a failureCondition that holds decides alone',
      given: run([metric('m', { successCondition: 'result > 1', failureCondition: 'result > 5' })], {
        phase: 'Failed',
        completedAt: at(1),
        metricResults: [
          { name: 'm', phase: 'Failed', count: 1, failed: 1, measurements: [measurement('Failed', 1, { value: '9' })] },
        ],
      }),
      want: { conditions: [{ field: 'failureCondition', text: 'result > 5', held: true }] },
    },
    {
      name: 'of an inconclusive one neither condition held',
      given: run([metric('m', { successCondition: 'result > 5', failureCondition: 'result < 1' })], {
        phase: 'Inconclusive',
        completedAt: at(1),
        metricResults: [
          {
            name: 'm',
            phase: 'Inconclusive',
            count: 1,
            inconclusive: 1,
            measurements: [measurement('Inconclusive', 1, { value: '3' })],
          },
        ],
      }),
      want: {
        conditions: [
          { field: 'successCondition', text: 'result > 5', held: false },
          { field: 'failureCondition', text: 'result < 1', held: false },
        ],
      },
    },
    {
      name: 'an error tells what the source said',
      given: run([metric('m', { successCondition: 'result > 5' })], {
        phase: 'Error',
        completedAt: at(1),
        metricResults: [
          {
            name: 'm',
            phase: 'Error',
            error: 5,
            consecutiveError: 5,
            measurements: [measurement('Error', 1, { message: 'refused' })],
          },
        ],
      }),
      want: {
        sentence: `Metric "m" Error: refused; consecutiveErrors (5) > consecutiveErrorLimit (4); 5 samples since ${at(1)}`,
      },
    },
    {
      name: 'a run that could not be assessed has its message',
      given: run([metric('m')], { phase: 'Error', message: 'Analysis spec invalid: no metrics specified' }),
      want: { samples: 0, sentence: 'Analysis spec invalid: no metrics specified' },
    },
    {
      name: 'a stopped run says so',
      given: run(
        [metric('m', { interval: '1m' })],
        {
          phase: 'Successful',
          completedAt: at(1),
          metricResults: [
            {
              name: 'm',
              phase: 'Successful',
              count: 1,
              successful: 1,
              measurements: [measurement('Successful', 1, { value: '1' })],
            },
          ],
        },
        { terminate: true },
      ),
      want: {
        sentence: `Stopped on request; no limit was exceeded. Metric "m" Successful: value 1; 1 sample since ${at(1)}`,
      },
    },
    {
      name: 'a running one counts',
      given: run([metric('m', { interval: '1m' }), metric('n')], {
        phase: 'Running',
        startedAt: at(0),
        metricResults: [
          { name: 'm', phase: 'Running', count: 2, successful: 1, failed: 1, error: 1 },
          { name: 'n', phase: 'Successful', count: 1, successful: 1 },
        ],
      }),
      want: {
        since: at(0),
        samples: 4,
        sentence: `Running since ${at(0)}: 4 samples, 1 failed, 1 error; 1 of 2 metrics complete`,
      },
    },
    {
      name: 'one without a status waits',
      given: run([metric('m')], {}),
      want: { phase: '', sentence: 'Waiting for its first pass' },
    },
    {
      name: 'a dry-run metric never decides',
      given: run([metric('dry'), metric('m')], {
        phase: 'Successful',
        completedAt: at(1),
        metricResults: [
          { name: 'dry', dryRun: true, phase: 'Successful', count: 1, successful: 1 },
          {
            name: 'm',
            phase: 'Successful',
            count: 1,
            successful: 1,
            measurements: [measurement('Successful', 1, { value: '7' })],
          },
        ],
      }),
      want: { metric: 'm', value: '7' },
    },
    {
      name: 'a secret in a condition is masked',
      given: run(
        [metric('m', { successCondition: 'result == "{{args.s}}"' })],
        {
          phase: 'Failed',
          completedAt: at(1),
          metricResults: [
            { name: 'm', phase: 'Failed', count: 1, failed: 1, measurements: [measurement('Failed', 1)] },
          ],
        },
        { args: [{ name: 's', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] },
      ),
      want: { conditions: [{ field: 'successCondition', text: 'result == "*****"', held: false }] },
    },
  ])('$name', ({ given, want }) => {
    expect(reasonOf(given)).toMatchObject(want);
  });
});

describe('warnings about a verdict', () => {
  const warningsOf = (metrics: readonly Metric[], status: object, spec: object = {}, dryRun: readonly string[] = []) =>
    outcomeWarnings({ metrics, ...spec }, status as AnalysisRunStatus, { metrics, dryRun: new Set(dryRun) });
  const conditioned = { successCondition: 'result > 1' };

  it.each([
    {
      name: 'stopped before it was done',
      warnings: warningsOf(
        [
          metric('a', { ...conditioned, interval: '1m', count: 5 }),
          metric('b', conditioned),
          metric('c', { ...conditioned, interval: '1m' }),
        ],
        {
          phase: 'Successful',
          metricResults: [
            { name: 'a', phase: 'Successful', count: 2, successful: 2 },
            { name: 'c', phase: 'Successful', count: 3, successful: 3 },
          ],
        },
        { terminate: true },
      ),
      want: [
        'stopped before it was done, and Successful only because no limit was exceeded by then: metric "a" took 2 of 5 measurements, metric "b" was never measured, metric "c" has no count, 3 taken',
      ],
    },
    {
      name: 'stopped when everything was done',
      warnings: warningsOf(
        [metric('a', conditioned)],
        { phase: 'Successful', metricResults: [{ name: 'a', phase: 'Successful', count: 1, successful: 1 }] },
        { terminate: true },
      ),
      want: [],
    },
    {
      name: 'limits that tolerate everything',
      warnings: warningsOf([metric('a', { ...conditioned, count: 3, failureLimit: 3 })], {
        phase: 'Successful',
        metricResults: [{ name: 'a', phase: 'Successful', count: 3, failed: 3 }],
      }),
      want: ['metric "a" is Successful although none of its 3 measurements was: its limits tolerate them'],
    },
    {
      name: 'no condition',
      warnings: warningsOf([metric('a')], {
        phase: 'Successful',
        metricResults: [{ name: 'a', phase: 'Successful', count: 1, successful: 1 }],
      }),
      want: ['metric "a" has no condition: every answer of its source counts as Successful'],
    },
    {
      name: 'no condition where the source decides itself',
      warnings: warningsOf([metric('a', { provider: { job: {} } })], {
        phase: 'Successful',
        metricResults: [{ name: 'a', phase: 'Successful', count: 1, successful: 1 }],
      }),
      want: [],
    },
    {
      name: 'a missed streak, and the message of a milder metric',
      warnings: warningsOf(
        [
          metric('mild', { ...conditioned, inconclusiveLimit: 0 }),
          metric('worse', { ...conditioned, count: 3, failureLimit: -1, consecutiveSuccessLimit: 2 }),
        ],
        {
          phase: 'Failed',
          message: 'Metric "mild" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)',
          metricResults: [
            { name: 'mild', phase: 'Inconclusive', count: 1, inconclusive: 1 },
            { name: 'worse', phase: 'Failed', count: 3, successful: 2, failed: 1, consecutiveSuccess: 1 },
          ],
        },
      ),
      want: [
        'metric "worse" is Failed because 2 successes in a row did not come; runSummary counts it as successful',
        'the message is about a milder metric: "worse" decided',
      ],
    },
    {
      name: 'a measurement in flight that nobody waited for',
      warnings: warningsOf([metric('k', { provider: { kayenta: {} } })], {
        phase: 'Failed',
        metricResults: [{ name: 'k', phase: 'Running', measurements: [{ phase: 'Running' }] }],
      }),
      want: ['metric "k" is still Running: the run did not wait for the measurement in flight'],
    },
    {
      name: 'nothing but dry runs',
      warnings: warningsOf(
        [metric('a', conditioned)],
        { phase: 'Successful', metricResults: [{ name: 'a', dryRun: true, phase: 'Failed', count: 1, failed: 1 }] },
        {},
        ['a'],
      ),
      want: ['every metric is a dry run: the run is Successful whatever they measure'],
    },
  ])('$name', ({ warnings, want }) => {
    expect(warnings).toEqual(want);
  });
});
