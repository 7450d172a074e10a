import { goQuote } from '../../domain/go-text.ts';
import type { AnalysisTemplate, Argument, Metric } from '../../domain/template.ts';
import { effectiveCount } from '../effective-count.ts';
import { newRun } from '../new-run.ts';
import { resolveMetrics } from '../resolve-metric.ts';
import { buildArgumentsLeniently } from './build-arguments.ts';
import type { Rollout, RolloutArgument, RunType } from './rollout.ts';

/** The templates that one place of the strategy refers to, collected and without repeats. */
export interface TemplateGroup {
  readonly point: RunType;
  /** For a step: its index. */
  readonly stepIndex?: number;
  readonly args?: readonly RolloutArgument[];
  readonly templates: readonly AnalysisTemplate[];
  readonly clusterTemplates: readonly AnalysisTemplate[];
}

/** One mistake, as the Rollout's status shows it: `<path>: Invalid value: "<value>": <detail>`. */
export interface InvalidReference {
  readonly path: string;
  readonly value: string;
  readonly detail: string;
}

export function invalidReferenceText({ path, value, detail }: InvalidReference): string {
  return `${path}: Invalid value: ${goQuote(value)}: ${detail}`;
}

export function templatesPath(point: RunType, stepIndex = 0): string {
  switch (point) {
    case 'Step':
      return `spec.strategy.canary.steps[${stepIndex}].analysis.templates`;
    case 'Background':
      return 'spec.strategy.canary.analysis.templates';
    case 'PrePromotion':
      return 'spec.strategy.blueGreen.prePromotionAnalysis.templates';
    case 'PostPromotion':
      return 'spec.strategy.blueGreen.postPromotionAnalysis.templates';
  }
}

/**
 * What Argo's controller checks of a Rollout's templates before anything starts; an error makes the Rollout Degraded (InvalidSpec). Quirks included: each
 * step's dryRun and retention rules are tried with every group, and the metrics of a step are resolved without the Rollout's own arguments.
 */
export function validateTemplateGroup(
  rollout: Pick<Rollout, 'metadata' | 'spec'>,
  group: TemplateGroup,
): InvalidReference[] {
  const path = templatesPath(group.point, group.stepIndex);
  const all = [...group.templates, ...group.clusterTemplates];
  const value = `templateNames: [${all.map(({ metadata }) => metadata.name).join(' ')}]`;
  const combined = mistakeInCombination(rollout, group);
  if (combined !== undefined) return [{ path, value, detail: combined }];
  return all.flatMap((template) => {
    const details = group.point === 'Background' ? missingArguments(rollout, template) : endlessMetrics(template);
    return details.map((detail) => ({ path, value: template.metadata.name, detail }));
  });
}

const PLACEHOLDER_HASHES = { stable: 'dummy-stable-hash', latest: 'dummy-new-hash' };
const PLACEHOLDER_VALUE = 'dummy-value';

function mistakeInCombination(rollout: Pick<Rollout, 'metadata' | 'spec'>, group: TemplateGroup): string | undefined {
  const args = buildArgumentsLeniently(group.args ?? [], rollout, PLACEHOLDER_HASHES);
  const steps = (rollout.spec.strategy?.canary?.steps ?? []).flatMap(({ analysis }) => analysis ?? []);
  try {
    for (const { dryRun = [], measurementRetention = [] } of [{}, ...steps])
      newRun({ ...group, metadata: { name: '' }, args, dryRun, measurementRetention });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A run that must end for the rollout to go on cannot have a metric without an end. */
function endlessMetrics({ metadata, spec }: AnalysisTemplate): string[] {
  const prefix = `AnalysisTemplate ${metadata.name}`;
  const doubled = (spec.args ?? []).find(({ value, valueFrom }) => isGiven(value) && isGiven(valueFrom));
  if (doubled !== undefined) return [`${prefix}: arg '${doubled.name}' has both Value and ValueFrom fields`];
  const args = (spec.args ?? []).map(({ name, value }): Argument => ({ name, value: value ?? PLACEHOLDER_VALUE }));
  let metrics: readonly Metric[];
  try {
    metrics = resolveMetrics(spec.metrics ?? [], args);
  } catch (error) {
    return [`${prefix}: ${(error as Error).message}`];
  }
  return metrics
    .filter((metric) => effectiveCount(metric) === undefined)
    .map(
      ({ name, count }) =>
        `${prefix} has metric ${name} which runs indefinitely. Invalid value for count: ${count ?? '<nil>'}`,
    );
}

function missingArguments(rollout: Pick<Rollout, 'spec'>, { spec }: AnalysisTemplate): string[] {
  const given = rollout.spec.strategy?.canary?.analysis?.args;
  return (spec.args ?? [])
    .filter(({ name, value, valueFrom }) => {
      if (isGiven(value) || isGiven(valueFrom)) return false;
      return !isGiven(given) || !given.some((arg) => arg.name === name);
    })
    .map(({ name }) => (isGiven(given) ? name : 'missing analysis arguments in rollout spec'));
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
