import { RE2JS } from 're2js';
import type { MetricRule, RetentionRule } from '../../domain/template.ts';
import { matchDryRun } from '../match-rules.ts';
import { error, type Finding, warning } from './finding.ts';

interface Names {
  readonly names: readonly string[];
  /** Whether more metrics may come, from other templates or arguments: then a rule may still match. */
  readonly isComplete: boolean;
}

/** Rules that pick metrics by regular expression. */
export function lintRules(
  dryRun: readonly MetricRule[],
  retention: readonly RetentionRule[],
  { names, isComplete }: Names,
): Finding[] {
  return [
    ...dryRun.flatMap((rule, index) => lintRule(rule, 'dryRun', index, names, isComplete)),
    ...retention.flatMap((rule, index) => lintRule(rule, 'measurementRetention', index, names, isComplete)),
    ...retention.flatMap(({ limit }, index) => keepsDefault(limit, index)),
    ...nothingWet(dryRun, names, isComplete),
  ];
}

function lintRule(
  { metricName }: MetricRule,
  list: string,
  index: number,
  names: readonly string[],
  isComplete: boolean,
): Finding[] {
  const path = `spec.${list}[${index}].metricName`;
  if (metricName === '')
    return [warning(path, 'the empty expression matches every metric', 'write .* when all are meant')];
  if (!isExpression(metricName)) {
    const message = `"${metricName}" is no regular expression and so matches nothing: Analysis spec invalid: ${list}[${index}]: Rule didn't match any metric name(s)`;
    return [error(path, message, metricName === '*' ? 'write .* for all metrics' : 'write a regular expression (RE2)')];
  }
  const matched = names.filter((name) => matches(metricName, name));
  if (matched.length === 0) {
    if (!isComplete) return [];
    const message = `Analysis spec invalid: ${list}[${index}]: Rule didn't match any metric name(s)`;
    return [error(path, message, `the metrics are ${names.join(', ')}`)];
  }
  if (!names.includes(metricName) || matched.length === 1) return [];
  const others = matched.filter((name) => name !== metricName);
  return [warning(path, `matches anywhere in a name, so that it also takes ${others.join(', ')}`, `^${metricName}$`)];
}

function keepsDefault(limit: number, index: number): Finding[] {
  if (limit > 0) return [];
  return [
    warning(`spec.measurementRetention[${index}].limit`, `${limit} does not keep none: it keeps the default of 10`),
  ];
}

function nothingWet(dryRun: readonly MetricRule[], names: readonly string[], isComplete: boolean): Finding[] {
  if (dryRun.length === 0 || names.length === 0 || !isComplete) return [];
  const isDry = names.every((name) => dryRun.some(({ metricName }) => matches(metricName, name)));
  if (!isDry) return [];
  return [warning('spec.dryRun', 'every metric only watches: the run is Successful whatever they say')];
}

function isExpression(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

function matches(expression: string, name: string): boolean {
  try {
    return matchDryRun([{ metricName: expression }], [name]).size > 0;
  } catch {
    return false;
  }
}
