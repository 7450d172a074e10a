import Type from 'typebox';
import { applySchema } from '../../admission/apply-schema.ts';
import { objectMetaSchema } from '../../admission/object-meta-schema.ts';
import { type StructuralSchema, structuralSchema } from '../../admission/structural-schema.ts';
import type { RolloutQuestion } from '../../analysis/rollout/advise.ts';
import { RUN_TYPES } from '../../analysis/rollout/rollout.ts';
import type { Cause } from '../../domain/errors.ts';
import { MetricRule, RetentionRule, TemplateRef } from '../../domain/template.ts';

const text = (description: string): StructuralSchema => ({ type: 'string', description });
const flag = (description: string): StructuralSchema => ({ type: 'boolean', description });
const whole = (description: string): StructuralSchema => ({ type: 'integer', format: 'int32', description });
/** A Rollout has much that its analysis does not read; that passes unread. */
const open = (
  description: string,
  properties: Readonly<Record<string, StructuralSchema>>,
  required: readonly string[] = [],
): StructuralSchema => ({
  type: 'object',
  description,
  properties,
  'x-kubernetes-preserve-unknown-fields': true,
  ...(required.length > 0 ? { required } : {}),
});
const list = (description: string, items: StructuralSchema): StructuralSchema => ({
  type: 'array',
  description,
  items,
});
const words = (description: string): StructuralSchema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

const argument = open(
  'An argument for the templates.',
  {
    name: text('Its name.'),
    value: text('Its value.'),
    valueFrom: open('Where its value comes from.', {
      podTemplateHashValue: text('Stable or Latest.'),
      fieldRef: open('A field of the Rollout.', { fieldPath: text('Path of the field.') }, ['fieldPath']),
    }),
  },
  ['name'],
);

const analysis = open('One analysis of the strategy.', {
  templates: list('Templates to combine.', structuralSchema(TemplateRef)),
  args: list('What they are given.', argument),
  dryRun: list('Metrics that only watch.', structuralSchema(MetricRule)),
  measurementRetention: list('How many measurements to keep.', structuralSchema(RetentionRule)),
  startingStep: whole('For background analysis: the step it begins at.'),
  analysisRunMetadata: open('Metadata of the run.', { labels: words('Labels.'), annotations: words('Annotations.') }),
});

const remembered = open(
  'The current run as the Rollout remembers it.',
  { name: text('Its name.'), status: text('Its phase.'), message: text('Its message.') },
  ['name', 'status'],
);

const rollout = open(
  'The Rollout as the cluster has it, with its status.',
  {
    apiVersion: { ...text('argoproj.io/v1alpha1.'), enum: ['argoproj.io/v1alpha1'] },
    kind: { ...text('Rollout.'), enum: ['Rollout'] },
    metadata: { ...objectMetaSchema, required: ['name', 'uid'], 'x-kubernetes-preserve-unknown-fields': true },
    spec: open('What is wanted.', {
      selector: open('Its pods.', { matchLabels: words('Their labels.') }),
      analysis: open('How many runs to keep.', {
        successfulRunHistoryLimit: whole('Successful ones.'),
        unsuccessfulRunHistoryLimit: whole('All others.'),
      }),
      strategy: open('How it updates.', {
        canary: open('In steps.', { analysis, steps: list('The steps.', open('A step.', { analysis })) }),
        blueGreen: open('At once.', { prePromotionAnalysis: analysis, postPromotionAnalysis: analysis }),
      }),
    }),
    status: open('Where it stands.', {
      abort: flag('Whether it is aborted.'),
      abortedAt: { ...text('Since when.'), nullable: true },
      promoteFull: flag('Whether it is promoted in full.'),
      controllerPause: flag('Whether the controller paused it.'),
      pauseConditions: list('Why it is paused.', open('A reason.', { reason: text('The reason.') }, ['reason'])),
      currentPodHash: text('Hash of the new version.'),
      stableRS: text('Hash of the stable version.'),
      currentStepIndex: whole('The current step.'),
      blueGreen: open('Of a blue-green update.', {
        activeSelector: text('Hash of the active version.'),
        prePromotionAnalysisRunStatus: remembered,
        postPromotionAnalysisRunStatus: remembered,
      }),
      canary: open('Of a canary update.', {
        currentStepAnalysisRunStatus: remembered,
        currentBackgroundAnalysisRunStatus: remembered,
      }),
    }),
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);

/** Everything that the rules of a Rollout's analysis read, held to its types, so that they need not look again. */
export const rolloutQuestionSchema: StructuralSchema = {
  type: 'object',
  description: 'A Rollout at a point of its strategy.',
  required: ['rollout', 'point'],
  properties: {
    rollout,
    point: { ...structuralSchema(Type.Enum([...RUN_TYPES])), description: 'Where in the strategy it stands.' },
    ready: {
      ...flag('Whether the new ReplicaSet is available. Before that no promotion analysis starts.'),
      default: true,
    },
    fastRollback: { ...flag('Whether the update returns to a version that may skip its analysis.'), default: false },
    replicaSets: list("The rollout's ReplicaSets; without them no old run is deleted.", {
      type: 'object',
      required: ['podHash'],
      properties: { podHash: text('Its pod template hash.'), deleting: flag('Whether it is being deleted.') },
    }),
  },
};

/** Strict: what is not known is refused as well. */
export function readRolloutQuestion(body: unknown): {
  readonly question: RolloutQuestion;
  readonly causes: readonly Cause[];
} {
  const { value, causes, unknownFields } = applySchema(rolloutQuestionSchema, body);
  const known = Object.keys(rolloutQuestionSchema.properties ?? {}).join(', ');
  const unknown = unknownFields.map((field) => ({
    field,
    message: `Forbidden: unknown field; the question knows ${known}`,
  }));
  return { question: value as RolloutQuestion, causes: [...causes, ...unknown] };
}
