import type { Phase } from '../../domain/phase.ts';
import type { Resource } from '../../domain/resource.ts';
import type { MetricRule, RetentionRule, TemplateRef } from '../../domain/template.ts';

/** The parts of Argo's Rollout that its analysis reads (argo-rollouts v1.10). Everything else in the document is left alone. */
export interface Rollout extends Resource {
  readonly kind: 'Rollout';
  readonly spec: RolloutSpec;
  readonly status?: RolloutStatus;
}

export interface RolloutSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly strategy?: RolloutStrategy;
  readonly analysis?: { readonly successfulRunHistoryLimit?: number; readonly unsuccessfulRunHistoryLimit?: number };
}

export interface RolloutStrategy {
  readonly canary?: {
    readonly analysis?: RolloutAnalysis & { readonly startingStep?: number };
    readonly steps?: readonly CanaryStep[];
  };
  readonly blueGreen?: {
    readonly prePromotionAnalysis?: RolloutAnalysis;
    readonly postPromotionAnalysis?: RolloutAnalysis;
  };
}

export interface CanaryStep {
  readonly analysis?: RolloutAnalysis;
  readonly experiment?: { readonly analyses?: readonly { readonly args?: readonly RolloutArgument[] }[] };
}

/** What a Rollout says of one analysis: the templates to combine and what to give them. */
export interface RolloutAnalysis {
  readonly templates?: readonly TemplateRef[];
  readonly args?: readonly RolloutArgument[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly RetentionRule[];
  readonly analysisRunMetadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface RolloutArgument {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly podTemplateHashValue?: string;
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

export interface RolloutStatus {
  readonly abort?: boolean;
  readonly abortedAt?: string | null;
  readonly promoteFull?: boolean;
  readonly controllerPause?: boolean;
  readonly pauseConditions?: readonly { readonly reason: string }[];
  readonly currentPodHash?: string;
  readonly stableRS?: string;
  readonly currentStepIndex?: number;
  readonly blueGreen?: {
    readonly activeSelector?: string;
    readonly prePromotionAnalysisRunStatus?: RunStatusInRollout;
    readonly postPromotionAnalysisRunStatus?: RunStatusInRollout;
  };
  readonly canary?: {
    readonly currentStepAnalysisRunStatus?: RunStatusInRollout;
    readonly currentBackgroundAnalysisRunStatus?: RunStatusInRollout;
  };
}

/** What a Rollout remembers of its current run of one type. */
export interface RunStatusInRollout {
  readonly name: string;
  readonly status: Phase | '';
  readonly message?: string;
}

/** The four places of a strategy where a run belongs, in the words of Argo's label `rollout-type`. */
export const RUN_TYPES = ['Step', 'Background', 'PrePromotion', 'PostPromotion'] as const;
export type RunType = (typeof RUN_TYPES)[number];

export const REVISION_ANNOTATION = 'rollout.argoproj.io/revision';
export const POD_HASH_LABEL = 'rollouts-pod-template-hash';
export const RUN_TYPE_LABEL = 'rollout-type';
export const STEP_INDEX_LABEL = 'step-index';
export const INSTANCE_ID_LABEL = 'argo-rollouts.argoproj.io/controller-instance-id';
