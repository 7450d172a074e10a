import type { AnalysisTemplate, Argument, TemplateRef } from '../../domain/template.ts';
import { collectTemplates, TemplateRefError } from '../collect-templates.ts';
import { FieldPathError, readMetadataPath } from '../rollout/field-path.ts';
import type { CanaryStep, Rollout, RolloutAnalysis, RolloutArgument, RunType } from '../rollout/rollout.ts';
import { templatesPath, validateTemplateGroup } from '../rollout/validate-templates.ts';
import { error, type Finding, warning } from './finding.ts';

interface Place {
  readonly point: RunType;
  readonly stepIndex: number;
  readonly analysis: RolloutAnalysis;
  /** `spec.strategy.canary.steps[0].analysis`. */
  readonly path: string;
}

/**
 * The analysis of a Rollout: what makes Argo's controller call it invalid, and arguments that are lost. Without `templates` the references are not
 * followed; with them, a reference that they do not hold is a warning, since it may live elsewhere.
 */
export async function lintRollout(
  rollout: Rollout,
  templates?: readonly AnalysisTemplate[],
): Promise<readonly Finding[]> {
  const places = placesOf(rollout);
  const steps = rollout.spec.strategy?.canary?.steps ?? [];
  const findings = [
    ...steps.flatMap((step, index) => lintStep(step, index, rollout)),
    ...places.flatMap(({ analysis, path }) => lintRolloutArguments(analysis.args ?? [], `${path}.args`, rollout)),
  ];
  if (templates === undefined) return findings;
  for (const place of places) findings.push(...(await lintReferences(rollout, place, templates)));
  return findings;
}

function placesOf({ spec }: Rollout): Place[] {
  const { canary, blueGreen } = spec.strategy ?? {};
  const steps = (canary?.steps ?? []).map(({ analysis }, index) => ['Step', analysis, index] as const);
  const all = [
    ...steps,
    ['Background', canary?.analysis, 0] as const,
    ['PrePromotion', blueGreen?.prePromotionAnalysis, 0] as const,
    ['PostPromotion', blueGreen?.postPromotionAnalysis, 0] as const,
  ];
  return all.flatMap(([point, analysis, stepIndex]) => {
    if (analysis === undefined) return [];
    return [{ point, stepIndex, analysis, path: templatesPath(point, stepIndex).replace(/\.templates$/u, '') }];
  });
}

const STEP_KINDS = [
  'experiment',
  'pause',
  'setWeight',
  'analysis',
  'setCanaryScale',
  'setHeaderRoute',
  'setMirrorRoute',
  'plugin',
];
/** Of these Argo takes one a step; others may stand beside them. */
const EXCLUSIVE_KINDS = ['setWeight', 'pause', 'experiment', 'analysis'];

function lintStep(step: CanaryStep, index: number, rollout: Rollout): Finding[] {
  const path = `spec.strategy.canary.steps[${index}]`;
  const kinds = Object.keys(step).filter((kind) => STEP_KINDS.includes(kind));
  const exclusive = kinds.filter((kind) => EXCLUSIVE_KINDS.includes(kind));
  const args = step.experiment?.analyses?.flatMap((analysis) => analysis.args ?? []) ?? [];
  return [
    ...(kinds.length === 0 ? [error(path, 'a step must do something', `one of ${STEP_KINDS.join(', ')}`)] : []),
    ...(exclusive.length > 1
      ? [error(path, `a step does one thing, not ${exclusive.join(' and ')}`, 'make it several steps')]
      : []),
    ...lintRolloutArguments(args, `${path}.experiment.analyses`, rollout),
  ];
}

function lintRolloutArguments(args: readonly RolloutArgument[], path: string, rollout: Rollout): Finding[] {
  return args.flatMap(({ name, value, valueFrom }, index) => {
    const place = `${path}[${index}]`;
    const fieldPath = valueFrom?.fieldRef?.fieldPath;
    if (value === undefined && valueFrom?.podTemplateHashValue === undefined && fieldPath === undefined)
      return [warning(place, `"${name}" has no value: it becomes the empty string and beats the template's default`)];
    if (fieldPath === undefined) return [];
    if (fieldPath.startsWith('metadata')) return unsupportedMetadata(fieldPath, place, rollout);
    if (index === args.length - 1 || !args.slice(index + 1).some((later) => later.valueFrom?.fieldRef !== undefined))
      return [];
    const message = `when ${fieldPath} cannot be read, a later fieldRef hides the error and "${name}" becomes the empty string`;
    return [warning(`${place}.valueFrom.fieldRef`, message, 'put it last')];
  });
}

function unsupportedMetadata(fieldPath: string, place: string, rollout: Rollout): Finding[] {
  try {
    readMetadataPath(rollout.metadata, fieldPath);
    return [];
  } catch (fault) {
    if (!(fault instanceof FieldPathError)) throw fault;
    return [
      error(
        `${place}.valueFrom.fieldRef.fieldPath`,
        `Analyses arguments must refer to valid object metadata supported by downwardAPI: ${fault.message}`,
        "metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'] or metadata.annotations['KEY']",
      ),
    ];
  }
}

async function lintReferences(rollout: Rollout, place: Place, known: readonly AnalysisTemplate[]): Promise<Finding[]> {
  const { point, stepIndex, analysis, path } = place;
  try {
    const collected = await collectTemplates(analysis.templates ?? [], (ref) => find(ref, known));
    const group = { point, stepIndex, args: analysis.args ?? [], ...collected };
    const invalid = validateTemplateGroup(rollout, group);
    const declared = [...collected.templates, ...collected.clusterTemplates].flatMap(({ spec }) => spec.args ?? []);
    return [
      ...invalid.map(({ path: where, value, detail }) => error(where, `Invalid value: "${value}": ${detail}`)),
      ...lostSecrets(declared, `${path}.templates`),
      ...(analysis.args ?? []).flatMap(({ name }, index) => {
        if (declared.some((arg) => arg.name === name)) return [];
        return [warning(`${path}.args[${index}]`, `no template declares "${name}": it is dropped without a word`)];
      }),
    ];
  } catch (fault) {
    if (!(fault instanceof TemplateRefError)) throw fault;
    const where = `${path}.templates[${fault.index}]`;
    const isMissing = fault.message.endsWith(' not found');
    return [
      isMissing
        ? warning(where, `${fault.message} here: what refers to it is not checked`)
        : error(where, fault.message),
    ];
  }
}

/** Of two declarations of one argument Argo keeps the earlier only if that has a value: a secret of the earlier one is lost. */
function lostSecrets(declared: readonly Argument[], path: string): Finding[] {
  return declared.flatMap(({ name, value, valueFrom }, index) => {
    const secret = valueFrom?.secretKeyRef;
    if (secret === undefined || value !== undefined) return [];
    const later = declared.slice(index + 1).find((arg) => arg.name === name);
    if (later === undefined || isSameSecret(later, secret)) return [];
    return [
      warning(
        path,
        `two templates declare "${name}": the later one replaces the secret ${secret.name}/${secret.key} without a word`,
        'declare it alike in both',
      ),
    ];
  });
}

function isSameSecret({ value, valueFrom }: Argument, { name, key }: { name: string; key: string }): boolean {
  const other = valueFrom?.secretKeyRef;
  return value === undefined && other?.name === name && other.key === key;
}

function find(ref: Required<TemplateRef>, known: readonly AnalysisTemplate[]): AnalysisTemplate | undefined {
  const kind = ref.clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
  return known.find((template) => template.kind === kind && template.metadata.name === ref.templateName);
}
