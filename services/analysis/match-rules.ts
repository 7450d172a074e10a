import { RE2JS } from 're2js';
import type { MetricRule, RetentionRule } from '../domain/template.ts';

/** Metrics that only watch. Throws Error for a rule that matches no metric. */
export function matchDryRun(rules: readonly MetricRule[], metricNames: readonly string[]): ReadonlySet<string> {
  const matched = new Set<string>();
  rules.forEach((rule, index) => {
    for (const name of matchesOf(rule, 'dryRun', index, metricNames)) matched.add(name);
  });
  return matched;
}

/** How many measurements to keep, by metric; the last rule that matches wins. Throws Error for a rule that matches no metric. */
export function matchRetention(
  rules: readonly RetentionRule[],
  metricNames: readonly string[],
): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  rules.forEach((rule, index) => {
    for (const name of matchesOf(rule, 'measurementRetention', index, metricNames)) limits.set(name, rule.limit ?? 0);
  });
  return limits;
}

function matchesOf(rule: MetricRule, list: string, index: number, metricNames: readonly string[]): readonly string[] {
  const search = searcher(rule.metricName ?? '');
  const names = metricNames.filter(search);
  if (names.length === 0) throw new Error(`${list}[${index}]: Rule didn't match any metric name(s)`);
  return names;
}

// Argo drops the error of an invalid expression, so that it matches nothing: `*` never works, `.*` does.
function searcher(expression: string): (name: string) => boolean {
  try {
    const compiled = RE2JS.compile(expression);
    return (name) => compiled.matcher(name).find();
  } catch {
    return () => false;
  }
}
