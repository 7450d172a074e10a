import { ProviderError } from '../../providers/contract.ts';
import { error, type Finding, warning } from '../analysis/lint/finding.ts';
import type { CanaryConfig } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';
import type { Metric } from '../domain/template.ts';
import { judgeNames, warningsOn } from '../judge/judge.ts';
import { readCanaryConfig } from '../judge/read-canary-config.ts';
import { configOf } from './canary-provider.ts';
import type { CanaryMetricQuery, CanaryQuery } from './canary-query.ts';
import { windowsOf } from './canary-window.ts';

/** Any moment, and a run of some length before it: what is looked at is whether the durations can be read. */
const SOME_NOW = Date.UTC(2026, 0, 1);
const SOME_LENGTH_MS = 90 * 60_000;

/** What is wrong with the `canary` metrics of a template or run, and what their judge reads otherwise than it is written. */
export function lintCanary(metrics: readonly Metric[] = []): readonly Finding[] {
  return metrics.flatMap((metric, index) => {
    const query = metric.provider?.['canary'] as CanaryQuery | undefined;
    return query === undefined ? [] : lintQuery(query, metric, `spec.metrics[${index}].provider.canary`);
  });
}

function lintQuery(query: CanaryQuery, metric: Metric, path: string): readonly Finding[] {
  const { metrics = [], canaryConfig, baseline, canary, scopes, thresholds } = query;
  const hasSides = baseline !== undefined && canary !== undefined;
  if (canaryConfig === undefined && metrics.length === 0 && !hasSides)
    return [
      error(path, 'every measurement ends in Error: canary needs a baseline and a canary, metrics, or a canaryConfig'),
    ];
  if (canaryConfig !== undefined)
    return [
      ...(scopes === undefined
        ? [error(`${path}.scopes`, 'every measurement ends in Error: canaryConfig needs scopes')]
        : []),
      ...lintConfig(canaryConfig, query, `${path}.canaryConfig`),
    ];
  const asked: readonly CanaryMetricQuery[] =
    metrics.length > 0
      ? metrics
      : [{ name: metric.name, baseline: baseline!, canary: canary!, ...pick(query, 'analysis') }];
  const at = (index: number) => (metrics.length > 0 ? `${path}.metrics[${index}]` : path);
  return [
    ...asked.flatMap((one, index) => nested(one, at(index))),
    ...lintWindow(query, metric, path),
    ...judged({ ...configOf({ query, metric }, asked), judge: pick({ name: query.judge }, 'name') }, thresholds, path),
  ];
}

function nested({ baseline, canary }: CanaryMetricQuery, path: string): readonly Finding[] {
  return Object.entries({ baseline, canary }).flatMap(([side, provider]) =>
    'canary' in provider || 'formula' in provider
      ? [
          error(
            `${path}.${side}`,
            'every measurement ends in Error: a canary or formula gives no series',
            'write a query here',
          ),
        ]
      : [],
  );
}

/** Placeholders are filled later; what they leave is looked at when it runs. */
const isOpen = (value: unknown): boolean => JSON.stringify(value ?? '').includes('{{');

function lintWindow(query: CanaryQuery, metric: Metric, path: string): readonly Finding[] {
  const { window = 'run', step, baselineOffset } = query;
  if (isOpen([window, step, baselineOffset, metric.interval])) return [];
  const run = { uid: '', name: '', namespace: '', startedAt: new Date(SOME_NOW - SOME_LENGTH_MS).toISOString() };
  try {
    windowsOf({ query, run, metric: { name: metric.name, ...pick(metric, 'interval') }, now: SOME_NOW });
  } catch (cause) {
    if (!(cause instanceof ProviderError)) throw cause;
    if (cause.kind === 'refused' || window !== 'run')
      return [error(path, `every measurement ends in Error: ${cause.message}`)];
  }
  if (window === 'run' && metric.initialDelay === undefined)
    return [
      warning(
        `${path}.window`,
        'the run has only begun when it is measured first: there is nothing to compare, and the measurement ends in Error',
        'an initialDelay of several steps, or a window such as 10m',
      ),
    ];
  return [];
}

function lintConfig(json: unknown, { judge, thresholds }: CanaryQuery, path: string): readonly Finding[] {
  if (isOpen(json)) return [];
  try {
    const config = readCanaryConfig(json);
    return judged({ ...config, judge: pick({ name: judge ?? config.judge?.name }, 'name') }, thresholds, path);
  } catch (cause) {
    if (!(cause instanceof CallerError)) throw cause;
    return [error(path, `every measurement ends in Error: ${cause.message}`)];
  }
}

function judged(config: CanaryConfig, thresholds: CanaryQuery['thresholds'], path: string): readonly Finding[] {
  const name = config.judge?.name;
  if (name !== undefined && !isOpen(name) && !judgeNames().some((known) => known.name === name))
    return [error(path, `every measurement ends in Error: Unable to resolve canary judge '${name}'.`)];
  return warningsOn(config, thresholds).map((text) => warning(path, text));
}

function pick<T extends object, K extends keyof T>(from: T, key: K): { [P in K]?: NonNullable<T[P]> } {
  const value = from[key];
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: NonNullable<T[P]> };
}
