import type { AnalysisTemplateSpec, Argument, MetricRule, RetentionRule } from '../domain/template.ts';

/**
 * One spec out of several templates: namespaced ones first, then cluster ones, each in the order given. `templates` of the parts are left out: they are
 * expected to be collected already. Throws Error with Argo's text.
 */
export function combineTemplates(
  templates: readonly AnalysisTemplateSpec[],
  clusterTemplates: readonly AnalysisTemplateSpec[] = [],
): Required<Omit<AnalysisTemplateSpec, 'templates'>> {
  const specs = [...templates, ...clusterTemplates];
  const metrics = specs.flatMap((spec) => spec.metrics ?? []);
  const repeated = firstRepeat(metrics.map(({ name }) => name));
  if (repeated !== undefined) throw new Error(`two metrics have the same name '${repeated}'`);
  return {
    metrics,
    dryRun: combineDryRun(...specs.map((spec) => spec.dryRun)),
    measurementRetention: combineRetention(...specs.map((spec) => spec.measurementRetention)),
    args: combineArguments(specs.flatMap((spec) => spec.args ?? [])),
  };
}

/** Throws Error when two rules have the same text. */
export function combineDryRun(...lists: readonly (readonly MetricRule[] | undefined)[]): readonly MetricRule[] {
  return combineRules(lists, 'Dry-Run');
}

/** Throws Error when two rules have the same text. */
export function combineRetention(
  ...lists: readonly (readonly RetentionRule[] | undefined)[]
): readonly RetentionRule[] {
  return combineRules(lists, 'Measurement Retention');
}

function combineRules<Rule extends MetricRule>(
  lists: readonly (readonly Rule[] | undefined)[],
  kind: string,
): readonly Rule[] {
  const rules = lists.flatMap((list) => list ?? []);
  const repeated = firstRepeat(rules.map(({ metricName }) => metricName));
  if (repeated !== undefined) throw new Error(`two ${kind} metric rules have the same name '${repeated}'`);
  return rules;
}

// An earlier declaration with a value stays; one without is replaced whole, so that its secret reference is lost, as in Argo.
function combineArguments(declared: readonly Argument[]): readonly Argument[] {
  const byName = new Map<string, Argument>();
  for (const arg of declared) {
    const earlier = byName.get(arg.name);
    if (typeof earlier?.value !== 'string') byName.set(arg.name, arg);
    else if (typeof arg.value === 'string' && arg.value !== earlier.value)
      throw new Error(
        `Argument \`${arg.name}\` specified multiple times with different values: '${earlier.value}', '${arg.value}'`,
      );
  }
  return [...byName.values()];
}

/**
 * The caller's arguments put into the declared ones, in the order of these. Names that are not declared are dropped. A value beats a reference, and either leaves the
 * other member as it was. Throws Error for the first argument that ends with neither.
 */
export function mergeArguments(incoming: readonly Argument[], declared: readonly Argument[]): readonly Argument[] {
  const merged = declared.map((arg) => incoming.filter(({ name }) => name === arg.name).reduce(withCallers, arg));
  for (const { name, value, valueFrom } of merged) {
    if (typeof value !== 'string' && !valueFrom) throw new Error(`args.${name} was not resolved`);
  }
  return merged;
}

function withCallers(arg: Argument, caller: Argument): Argument {
  if (typeof caller.value === 'string') return { ...arg, value: caller.value };
  return caller.valueFrom ? { ...arg, valueFrom: caller.valueFrom } : arg;
}

function firstRepeat(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => {
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  });
}
