import { parseDuration } from '../../domain/duration.ts';
import type { Metric } from '../../domain/template.ts';
import { effectiveCount } from '../effective-count.ts';
import { readInt } from '../int-or-string.ts';
import { metricsFault } from '../validate-metrics.ts';
import { error, type Finding, warning } from './finding.ts';
import type { FilledMetric } from './known-arguments.ts';

const NUMBERS = [
  'count',
  'failureLimit',
  'inconclusiveLimit',
  'consecutiveErrorLimit',
  'consecutiveSuccessLimit',
] as const;
type NumberField = (typeof NUMBERS)[number];

const READS_AS_ZERO: Readonly<Record<Exclude<NumberField, 'count'>, string>> = {
  failureLimit: 'the first failure fails the metric',
  inconclusiveLimit: 'the first inconclusive measurement ends it Inconclusive',
  consecutiveErrorLimit: 'the first error ends it in Error',
  consecutiveSuccessLimit: 'no streak completes the metric',
};

/** How often a metric is measured and how much it tolerates. */
export function lintLimits(filled: FilledMetric, path: string): Finding[] {
  const fault = ruleFault(filled, path);
  if (fault !== undefined) return [fault];
  return [
    ...NUMBERS.flatMap((field) => misread(filled, field, path)),
    ...oddCount(filled, path),
    ...unbreakable(filled, 'failureLimit', 'fail', path),
    ...unbreakable(filled, 'inconclusiveLimit', 'be Inconclusive', path),
    ...silentStreak(filled, path),
    ...pace(filled, path),
  ];
}

/** Argo's own rules, with what is not known yet made harmless. */
function ruleFault({ metric, open, secret }: FilledMetric, path: string): Finding | undefined {
  const { interval, initialDelay, name, provider } = metric;
  const numbersKnown = !NUMBERS.some((field) => open.has(field));
  const known: Metric = {
    name,
    provider,
    ...(interval !== undefined && { interval: open.has('interval') ? '1s' : interval }),
    ...(initialDelay !== undefined && { initialDelay: open.has('initialDelay') ? '1s' : initialDelay }),
    ...(numbersKnown && Object.fromEntries(NUMBERS.map((field) => [field, metric[field]]))),
  };
  const fault = metricsFault([known])?.replace('metrics[0]: ', '');
  if (fault === undefined) return undefined;
  const field = fault.startsWith('invalid interval')
    ? 'interval'
    : fault.startsWith('invalid startDelay') && 'initialDelay';
  if (!field) return error(path, `Analysis spec invalid: ${fault}`);
  const fix = secret.has(field)
    ? 'pass it as a plain argument: secrets are not read for it'
    : 'write a Go duration, without blanks or days: 30s, 5m, 1h30m';
  return error(`${path}.${field}`, `Analysis spec invalid: ${fault}`, fix);
}

function misread({ metric, open, secret }: FilledMetric, field: NumberField, path: string): Finding[] {
  const text = metric[field];
  if (typeof text !== 'string' || open.has(field)) return [];
  if (!secret.has(field) && /^[+-]?[0-9]+$/u.test(text)) return [];
  const consequence =
    field === 'count' ? (metric.interval ? 'the metric never ends' : 'it is measured once') : READS_AS_ZERO[field];
  const why = secret.has(field) ? 'a secret counts as 0 here' : `"${text}" is no whole number and reads as 0`;
  return [warning(`${path}.${field}`, `${why}: ${consequence}`, 'write digits only, or an argument that holds digits')];
}

function oddCount({ metric, open }: FilledMetric, path: string): Finding[] {
  if (open.has('count') || metric.count === undefined) {
    const isEndless = metric.count === undefined && metric.interval !== undefined && metric.interval !== '';
    return isEndless ? endless(metric, open, path) : [];
  }
  const count = readInt(metric.count);
  if (count < 0) return [warning(`${path}.count`, `${count} is reached at once: the metric is measured one time`)];
  const isZero = count === 0 && (typeof metric.count === 'number' || /^[+-]?0+$/u.test(metric.count));
  if (!isZero) return [];
  const meaning = metric.interval ? 'no end, not no measurement' : 'one measurement, not none';
  return [warning(`${path}.count`, `0 means ${meaning}`, 'leave the metric out, or name it under dryRun')];
}

function endless(metric: Metric, open: ReadonlySet<string>, path: string): Finding[] {
  if (open.has('consecutiveSuccessLimit')) return [];
  const endsOn = readInt(metric.consecutiveSuccessLimit) > 0 ? 'a streak or a broken limit' : 'a broken limit';
  const message = `an interval without count goes on until ${endsOn} or somebody stops it: a background analysis may, a canary step is refused, and stopping it ends Successful`;
  return [warning(path, message, 'add count')];
}

function unbreakable(
  { metric, open }: FilledMetric,
  field: 'failureLimit' | 'inconclusiveLimit',
  what: string,
  path: string,
): Finding[] {
  if (open.has('count') || open.has('interval') || open.has(field)) return [];
  const count = effectiveCount(metric);
  const limit = readInt(metric[field]);
  if (count === undefined || count <= 0 || limit < count) return [];
  const message = `can never be exceeded: with ${count === 1 ? '1 measurement' : `${count} measurements`} all may ${what} and the metric is Successful`;
  return [warning(`${path}.${field}`, message, `at most ${count - 1}: a limit of N trips on number N+1`)];
}

function silentStreak({ metric, open }: FilledMetric, path: string): Finding[] {
  if (open.has('count') || open.has('consecutiveSuccessLimit')) return [];
  if (readInt(metric.consecutiveSuccessLimit) <= 0 || effectiveCount(metric) === undefined) return [];
  const phase = readInt(metric.failureLimit) === -1 ? 'Failed' : 'Inconclusive';
  const message = `when count is reached without the streak the run ends ${phase} with no message, and the summary counts the metric as successful`;
  return [warning(`${path}.consecutiveSuccessLimit`, message)];
}

function pace({ metric, open }: FilledMetric, path: string): Finding[] {
  if (metric.interval === undefined || metric.interval === '' || open.has('interval')) return [];
  if (parseDuration(metric.interval) > 0n) return [];
  return [warning(`${path}.interval`, `"${metric.interval}" asks the source again and again without a pause`)];
}
