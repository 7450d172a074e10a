import type { AnalysisRun, NewAnalysisRun } from '../domain/run.ts';
import type { AnalysisTemplate, Argument, Metric, MetricRule, RetentionRule } from '../domain/template.ts';
import { error, type Finding, warning } from './lint/finding.ts';
import { fillKnown, knownArguments } from './lint/known-arguments.ts';
import { lintArguments, lintPlaceholders, lintSecrets } from './lint/lint-arguments.ts';
import { lintConditions } from './lint/lint-conditions.ts';
import { lintLimits } from './lint/lint-limits.ts';
import { lintRules } from './lint/lint-rules.ts';

export type { Finding } from './lint/finding.ts';
export { lintRollout } from './lint/lint-rollout.ts';

/**
 * What Argo takes and regrets in a template or run that is structurally right (what the API refuses is admission's): the run ends in Error, or does what
 * its author will hardly have meant. In the order of the document.
 */
export function lintTemplate(template: AnalysisTemplate): readonly Finding[] {
  const { templates = [] } = template.spec;
  return [
    ...templates.flatMap((ref, index) => {
      const isItself =
        ref.templateName === template.metadata.name &&
        (ref.clusterScope ?? false) === (template.kind === 'ClusterAnalysisTemplate');
      return isItself ? [error(`spec.templates[${index}]`, 'the template refers to itself')] : [];
    }),
    ...lintSpec(template.spec, 'template'),
  ];
}

/** See `lintTemplate`; a run must have a value for every argument. */
export function lintRun(run: AnalysisRun | NewAnalysisRun): readonly Finding[] {
  const { terminate, ttlStrategy } = run.spec;
  const findings = [...lintSpec(run.spec, 'run')];
  if (terminate && !run.status?.phase)
    findings.push(
      warning('spec.terminate', 'the run starts terminated: it measures nothing and ends Successful (Run Terminated)'),
    );
  if (ttlStrategy?.secondsAfterFailure !== undefined && ttlStrategy.secondsAfterCompletion === undefined)
    findings.push(
      warning(
        'spec.ttlStrategy.secondsAfterFailure',
        'covers Failed only: runs in Error or Inconclusive stay for ever',
        'add secondsAfterCompletion',
      ),
    );
  return findings;
}

interface Spec {
  readonly metrics?: readonly Metric[];
  readonly args?: readonly Argument[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly RetentionRule[];
  readonly templates?: readonly unknown[];
}

function lintSpec(spec: Spec, document: 'template' | 'run'): readonly Finding[] {
  const { metrics = [], args = [], templates = [], dryRun = [], measurementRetention = [] } = spec;
  if (metrics.length === 0 && templates.length === 0)
    return [error('spec.metrics', 'Analysis spec invalid: no metrics specified')];
  // A run that names templates takes their arguments and defaults too: what they declare is not known here.
  const takesMore = templates.length > 0;
  const known = knownArguments(args);
  const filled = metrics.map((metric) => fillKnown(metric, known));
  const used = new Set(filled.flatMap(({ texts }) => texts.flatMap((text) => text.used)));
  const names = filled.map(({ metric }) => metric.name);
  const isComplete = !takesMore && !filled.some(({ open }) => open.has('name'));
  return [
    ...(takesMore ? [] : lintArguments(args, document, used)),
    ...filled.flatMap((metric, index) => {
      const path = `spec.metrics[${index}]`;
      return [
        ...(takesMore ? [] : lintPlaceholders(metric, path, known)),
        ...lintSecrets(metric, path),
        ...repeatedName(names, index, path),
        ...lintLimits(metric, path),
        ...lintConditions(metric, path),
      ];
    }),
    ...lintRules(dryRun, measurementRetention, { names, isComplete }),
  ];
}

function repeatedName(names: readonly string[], index: number, path: string): Finding[] {
  const name = names[index]!;
  if (names.indexOf(name) === index) return [];
  return [error(`${path}.name`, `Analysis spec invalid: metrics[${index}]: duplicate name '${name}'`)];
}
