import { ANALYSIS_API_VERSION, type OwnerReference } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { CollectedTemplates } from '../collect-templates.ts';
import { newRun } from '../new-run.ts';
import { buildRolloutArguments } from './build-arguments.ts';
import { runLabels, runName } from './name-run.ts';
import { INSTANCE_ID_LABEL, REVISION_ANNOTATION, type Rollout, type RunType } from './rollout.ts';
import { analysisAt, currentStepIndex, revisionOf } from './rollout-point.ts';

/** Argo's: `notifications.argoproj.io/subscribe.…` and `notifications.argoproj.io/subscriptions`. */
const SUBSCRIPTION_PREFIX = 'notifications.argoproj.io/subscri';

/** The run as Argo's controller would create it at this point, under its first name. */
export function buildRun(rollout: Rollout, point: RunType, templates: CollectedTemplates): AnalysisRun {
  const analysis = analysisAt(rollout, point) ?? {};
  const { currentPodHash = '', stableRS = '' } = rollout.status ?? {};
  const { name: rolloutName, namespace = 'default', labels = {} } = rollout.metadata;
  const revision = revisionOf(rollout);
  const stepIndex = currentStepIndex(rollout);
  const instanceId = labels[INSTANCE_ID_LABEL] ?? '';
  return newRun({
    ...templates,
    args: buildRolloutArguments(analysis.args ?? [], rollout, { stable: stableRS, latest: currentPodHash }),
    dryRun: analysis.dryRun ?? [],
    measurementRetention: analysis.measurementRetention ?? [],
    metadata: {
      name: runName({ rollout: rolloutName, podHash: currentPodHash, revision, runType: point, stepIndex }),
      namespace,
      labels: {
        ...runLabels({ runType: point, podHash: currentPodHash, stepIndex, instanceId }),
        ...analysis.analysisRunMetadata?.labels,
        ...rollout.spec.selector?.matchLabels,
      },
      annotations: {
        ...subscriptionsOf(rollout),
        [REVISION_ANNOTATION]: revision,
        ...analysis.analysisRunMetadata?.annotations,
      },
      ownerReferences: [ownerOf(rollout)],
    },
  });
}

/** Who hears of a Rollout hears of its runs. The Rollout itself is nowhere stored, so they take it with them. */
function subscriptionsOf({ metadata: { annotations = {} } }: Rollout): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name.startsWith(SUBSCRIPTION_PREFIX)));
}

function ownerOf({ metadata }: Rollout): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion: ANALYSIS_API_VERSION, kind: 'Rollout', name, uid, controller: true, blockOwnerDeletion: true };
}
