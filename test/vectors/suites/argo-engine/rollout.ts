import { buildRolloutArguments } from '../../../../services/analysis/rollout/build-arguments.ts';
import { fillExperimentArgument } from '../../../../services/analysis/rollout/experiment-arguments.ts';
import { readRolloutPath } from '../../../../services/analysis/rollout/field-path.ts';
import { runLabels, runName } from '../../../../services/analysis/rollout/name-run.ts';
import { needsNewRun } from '../../../../services/analysis/rollout/needs-new-run.ts';
import { asksTheSame, resolveCollision } from '../../../../services/analysis/rollout/resolve-collision.ts';
import { readArgumentFlag, runFromTemplate } from '../../../../services/analysis/rollout/run-from-template.ts';
import { runsToDelete } from '../../../../services/analysis/rollout/runs-to-delete.ts';
import {
  invalidReferenceText,
  validateTemplateGroup,
} from '../../../../services/analysis/rollout/validate-templates.ts';
import { rolloutRunEvent, rolloutVerdict, triggerOf } from '../../../../services/analysis/rollout/verdict.ts';
import type { Phase } from '../../../../services/domain/phase.ts';
import type { AnalysisRun } from '../../../../services/domain/run.ts';
import type { KindTable } from './index.ts';

const POINTS = {
  InlineAnalysis: 'Step',
  BackgroundAnalysis: 'Background',
  PrePromotionAnalysis: 'PrePromotion',
  PostPromotionAnalysis: 'PostPromotion',
} as const;

/** The rules for rollout controllers, services/analysis/rollout. */
export const rolloutKinds: KindTable = {
  buildRolloutArgs: ({ args, rollout, stableHash, newHash }) => ({
    args: buildRolloutArguments(args, rollout, { stable: stableHash, latest: newHash }),
  }),
  extractRolloutField: ({ rollout, path }) => ({ value: readRolloutPath(rollout, path) }),
  runsToDelete: ({ runs, replicaSets, successfulLimit, unsuccessfulLimit }) => ({
    deleted: runsToDelete(runs, replicaSets, { successful: successfulLimit, unsuccessful: unsuccessfulLimit })
      .map((run) => run.metadata.name)
      .sort(),
  }),
  runLabels: ({ instanceID, ...labels }) => ({ labels: runLabels({ ...labels, instanceId: instanceID }) }),
  runName: (input) => ({ name: runName(input) }),
  semanticallyEqual: ({ left, right }) => ({ equal: asksTheSame(left, right) }),
  createCollision: ({ name, hasOwner, existing }) => {
    const inTheWay = new Map<string, AnalysisRun>(
      existing.map((run: { name: string; phase: string; equal: boolean; sameOwner: boolean }) => [
        run.name,
        ownedRun(run.name, run.sameOwner ? 'owner' : 'other', run.equal ? 'same' : 'different', run.phase),
      ]),
    );
    const wanted = ownedRun(name, hasOwner ? 'owner' : undefined, 'same', '');
    return resolveCollision(wanted, (taken) => inTheWay.get(taken));
  },
  needsNewRun: (input) => ({ create: needsNewRun(input) }),
  validateTemplateRefs: ({ templateType, canaryStepIndex, rolloutStrategy, args, templates, clusterTemplates }) => {
    const rollout = { metadata: { name: '' }, spec: { strategy: rolloutStrategy } };
    const point = POINTS[templateType as keyof typeof POINTS];
    const group = { point, stepIndex: canaryStepIndex, args, templates, clusterTemplates: clusterTemplates ?? [] };
    return { errors: validateTemplateGroup(rollout, group).map(invalidReferenceText) };
  },
  rolloutVerdict: ({ runType, revision = '', ...run }) => rolloutVerdict(runType, run, String(revision)),
  experimentArg: ({ value, experiment }) => ({ output: fillExperimentArgument(value, experiment) }),
  cliCreateRun: (input) => {
    if (Boolean(input.from) === Boolean(input.fromFile))
      throw new Error('one of --from or --from-file must be specified');
    const args = input.args.map(readArgumentFlag);
    const { kind, metadata, spec } = runFromTemplate({ namespace: 'default', ...input, args });
    const { name, generateName } = metadata;
    return {
      run: { kind, metadata, spec, ...metadata, name, generateName, args: spec.args },
      stdout: `analysisrun.argoproj.io/${name} created\n`,
    };
  },
  rolloutRunEvent: ({ runType, run, previous }) => ({ event: rolloutRunEvent(runType, run, previous) }),
  reasonToTrigger: ({ reason }) => ({ trigger: triggerOf(reason) }),
};

function ownedRun(name: string, owner: string | undefined, metric: string, phase: string): AnalysisRun {
  const reference = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    name: 'r',
    uid: owner ?? '',
    controller: true,
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, ...(owner !== undefined && { ownerReferences: [reference] }) },
    spec: { metrics: [{ name: metric, provider: {} }] },
    status: { phase: phase as Phase | '' },
  };
}
