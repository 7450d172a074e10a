import { describe, expect, it } from 'vitest';
import {
  adviseRollout,
  type KnownResources,
  type RolloutQuestion,
} from '../../../../services/analysis/rollout/advise.ts';
import type {
  Rollout,
  RolloutStatus,
  RolloutStrategy,
  RunType,
} from '../../../../services/analysis/rollout/rollout.ts';
import type { Phase } from '../../../../services/domain/phase.ts';
import type { AnalysisRun } from '../../../../services/domain/run.ts';
import type { AnalysisTemplate } from '../../../../services/domain/template.ts';

const template: AnalysisTemplate = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'success-rate' },
  spec: {
    args: [{ name: 'service' }, { name: 'hash', value: 'none' }],
    metrics: [{ name: 'rate', provider: { web: { url: 'http://shop/{{args.service}}' } } }],
  },
};
const known = (...runs: AnalysisRun[]): KnownResources => ({
  runs,
  templates: { templates: [template], clusterTemplates: [] },
});

const analysis = {
  templates: [{ templateName: 'success-rate' }],
  args: [
    { name: 'service', value: 'shop' },
    { name: 'hash', valueFrom: { podTemplateHashValue: 'Latest' } },
    { name: 'not-declared', value: 'x' },
  ],
  dryRun: [{ metricName: 'rate' }],
  analysisRunMetadata: { labels: { team: 'shop', app: 'overridden' }, annotations: { note: 'n' } },
};
const canary: RolloutStrategy = {
  canary: { analysis: { ...analysis, startingStep: 1 }, steps: [{}, { analysis }, { analysis }] },
};
const blueGreen: RolloutStrategy = { blueGreen: { prePromotionAnalysis: analysis, postPromotionAnalysis: analysis } };

function rollout(strategy: RolloutStrategy, status: RolloutStatus = {}): Rollout {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: 'shop',
      namespace: 'eu',
      uid: 'u-1',
      annotations: { 'rollout.argoproj.io/revision': '4' },
      labels: { 'argo-rollouts.argoproj.io/controller-instance-id': 'blue' },
    },
    spec: { strategy, selector: { matchLabels: { app: 'shop' } } },
    status: {
      currentPodHash: 'new',
      stableRS: 'old',
      currentStepIndex: 1,
      blueGreen: { activeSelector: 'old' },
      ...status,
    },
  };
}

function run(
  name: string,
  phase: Phase | '',
  more: { message?: string; step?: number; owner?: string; terminate?: boolean } = {},
): AnalysisRun {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name,
      namespace: 'eu',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        'rollouts-pod-template-hash': 'new',
        ...(more.step !== undefined && { 'step-index': String(more.step) }),
      },
      ownerReferences: [
        {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Rollout',
          name: 'shop',
          uid: more.owner ?? 'u-1',
          controller: true,
        },
      ],
    },
    spec: { metrics: [], ...(more.terminate && { terminate: true }) },
    status: { phase, ...(more.message && { message: more.message }) },
  };
}

const stepStatus = (name: string, status: Phase | '' = 'Running'): RolloutStatus => ({
  canary: { currentStepAnalysisRunStatus: { name, status } },
});

describe('adviseRollout', () => {
  it('gives a step its run: name, labels, annotations, owner, arguments and rules', () => {
    const advice = adviseRollout({ rollout: rollout(canary), point: 'Step' }, known());
    expect(advice).toMatchObject({ verdict: { action: 'wait' }, create: true, reason: 'no run yet', event: null });
    expect(advice.run).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: {
        name: 'shop-new-4-1',
        namespace: 'eu',
        labels: {
          'rollouts-pod-template-hash': 'new',
          'rollout-type': 'Step',
          'step-index': '1',
          'argo-rollouts.argoproj.io/controller-instance-id': 'blue',
          team: 'shop',
          app: 'shop',
        },
        annotations: { 'rollout.argoproj.io/revision': '4', note: 'n' },
        ownerReferences: [
          {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Rollout',
            name: 'shop',
            uid: 'u-1',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        metrics: template.spec.metrics,
        args: [
          { name: 'service', value: 'shop' },
          { name: 'hash', value: 'new' },
        ],
        dryRun: [{ metricName: 'rate' }],
      },
    });
    expect(advice.status).toEqual({
      path: 'status.canary.currentStepAnalysisRunStatus',
      value: { name: 'shop-new-4-1', status: '' },
    });
  });

  it.each<{ name: string; strategy: RolloutStrategy; point: RunType; status?: RolloutStatus; wants: string }>([
    { name: 'background', strategy: canary, point: 'Background', wants: 'shop-new-4' },
    { name: 'pre-promotion', strategy: blueGreen, point: 'PrePromotion', wants: 'shop-new-4-pre' },
    {
      name: 'post-promotion',
      strategy: blueGreen,
      point: 'PostPromotion',
      status: { blueGreen: { activeSelector: 'new' } },
      wants: 'shop-new-4-post',
    },
  ])('names the run of $name', ({ strategy, point, status, wants }) => {
    const advice = adviseRollout({ rollout: rollout(strategy, status), point }, known());
    expect([advice.create, advice.run?.metadata.name]).toEqual([true, wants]);
  });

  it.each<{ name: string; phase: Phase | ''; point?: RunType; message?: string; wants: object }>([
    { name: 'a Successful step advances', phase: 'Successful', wants: { action: 'advance' } },
    { name: 'a Running step waits', phase: 'Running', wants: { action: 'wait' } },
    {
      name: 'an Inconclusive step pauses',
      phase: 'Inconclusive',
      wants: { action: 'pause', pauseReason: 'InconclusiveAnalysisRun' },
    },
    {
      name: 'a Failed step aborts, and says why',
      phase: 'Failed',
      message: 'too bad',
      wants: {
        action: 'abort',
        rolloutMessage:
          'RolloutAborted: Rollout aborted update to revision 4: Step-based analysis phase error/failed: too bad',
      },
    },
  ])('$name', ({ phase, message, wants }) => {
    const current = run('shop-new-4-1', phase, { step: 1, ...(message && { message }) });
    const advice = adviseRollout(
      { rollout: rollout(canary, stepStatus('shop-new-4-1')), point: 'Step' },
      known(current),
    );
    expect(advice.verdict).toMatchObject(wants);
    expect(advice.create).toBe(false);
    expect(advice.terminate).toEqual([]);
  });

  it.each<{ name: string; status: RolloutStatus; question?: Partial<RolloutQuestion> }>([
    { name: 'the initial deployment', status: { stableRS: '' } },
    { name: 'a full promotion', status: { currentPodHash: 'old' } },
    { name: 'an abort', status: { abort: true } },
    { name: 'a promotion in full', status: { promoteFull: true } },
    { name: 'a fast rollback', status: {}, question: { fastRollback: true } },
  ])('stops the run and starts none at $name', ({ status, question }) => {
    const asked = {
      rollout: rollout(canary, { ...stepStatus('mine'), ...status }),
      point: 'Step' as const,
      ...question,
    };
    const advice = adviseRollout(asked, known(run('mine', 'Running', { step: 1 })));
    expect(advice).toMatchObject({ create: false, terminate: ['mine'], verdict: { action: 'continue' } });
    expect(advice.run).toBeUndefined();
  });

  it('replaces the run of another step, and stops it', () => {
    const advice = adviseRollout(
      { rollout: rollout(canary, { ...stepStatus('shop-new-4-1'), currentStepIndex: 2 }), point: 'Step' },
      known(run('shop-new-4-1', 'Running', { step: 1 })),
    );
    expect(advice).toMatchObject({
      create: true,
      terminate: ['shop-new-4-1'],
      run: { metadata: { name: 'shop-new-4-2' } },
    });
  });

  it('leaves a step alone while the rollout is paused', () => {
    const paused = rollout(canary, { pauseConditions: [{ reason: 'CanaryPauseStep' }] });
    expect(adviseRollout({ rollout: paused, point: 'Step' }, known())).toMatchObject({
      create: false,
      verdict: { action: 'wait' },
    });
  });

  it.each<RunType>(['Step', 'Background'])(
    'starts nothing for %s while an Inconclusive run has it paused, and a new run when somebody resumes',
    (point) => {
      const name = point === 'Step' ? 'shop-new-4-1' : 'shop-new-4';
      const member = point === 'Step' ? 'currentStepAnalysisRunStatus' : 'currentBackgroundAnalysisRunStatus';
      const status = { controllerPause: true, canary: { [member]: { name, status: 'Inconclusive' as const } } };
      const current = run(name, 'Inconclusive', { step: 1 });
      const paused = rollout(canary, { ...status, pauseConditions: [{ reason: 'InconclusiveAnalysisRun' }] });
      expect(adviseRollout({ rollout: paused, point }, known(current))).toMatchObject({
        create: false,
        verdict: { action: 'pause' },
      });
      const resumed = adviseRollout({ rollout: rollout(canary, status), point }, known(current));
      expect(resumed).toMatchObject({ create: true, run: { metadata: { name: `${name}.1` } } });
    },
  );

  it('finds again the run it created when the answer was lost', () => {
    const question = { rollout: rollout(canary), point: 'Step' as const };
    const created = adviseRollout(question, known()).run!;
    const again = adviseRollout(question, known({ ...created, status: { phase: 'Running' } }));
    expect([again.create, again.run?.metadata.name, again.terminate]).toEqual([false, 'shop-new-4-1', []]);
  });

  it('takes another name when a stranger has its own', () => {
    const advice = adviseRollout(
      { rollout: rollout(canary), point: 'Step' },
      known(run('shop-new-4-1', 'Running', { owner: 'u-2' })),
    );
    expect([advice.create, advice.run?.metadata.name, advice.terminate]).toEqual([true, 'shop-new-4-1.1', []]);
  });

  it('starts background analysis at its step, and does not stop one before it', () => {
    const early = rollout(canary, { currentStepIndex: 0 });
    expect(adviseRollout({ rollout: early, point: 'Background' }, known())).toMatchObject({
      create: false,
      verdict: { action: 'continue' },
    });
  });

  it.each([
    {
      name: 'waits for the new ReplicaSet',
      ready: false,
      runs: [],
      wants: { create: false, verdict: { action: 'wait' } },
    },
    {
      name: 'keeps a run that has begun when pods come and go',
      ready: false,
      runs: [run('shop-new-4-pre', 'Running')],
      wants: {
        create: false,
        verdict: { action: 'wait' },
        run: { metadata: { name: 'shop-new-4-pre' } },
        terminate: [],
      },
    },
  ])('pre-promotion $name', ({ ready, runs, wants }) => {
    const status = {
      blueGreen: {
        activeSelector: 'old',
        prePromotionAnalysisRunStatus: { name: 'shop-new-4-pre', status: 'Running' as const },
      },
    };
    expect(
      adviseRollout({ rollout: rollout(blueGreen, status), point: 'PrePromotion', ready }, known(...runs)),
    ).toMatchObject(wants);
  });

  it.each<RunType>(['Step', 'Background'])('waits with %s for the hash of the new version', (point) => {
    const advice = adviseRollout({ rollout: rollout(canary, { currentPodHash: '' }), point }, known());
    expect(advice).toMatchObject({ create: false, verdict: { action: 'wait' } });
  });

  it('does not begin post-promotion analysis before the switch', () => {
    const advice = adviseRollout({ rollout: rollout(blueGreen), point: 'PostPromotion' }, known());
    expect(advice).toMatchObject({
      create: false,
      verdict: { action: 'wait' },
      reason: 'the new version is not active yet',
    });
  });

  it('stops what is left over and proposes old runs for deletion, but not those of other points or owners', () => {
    const status: RolloutStatus = {
      canary: {
        currentStepAnalysisRunStatus: { name: 'step', status: 'Running' },
        currentBackgroundAnalysisRunStatus: { name: 'background', status: 'Running' },
      },
    };
    const runs = [
      run('step', 'Running', { step: 1 }),
      run('background', 'Running'),
      run('left-over', 'Running'),
      run('stopping', 'Running', { terminate: true }),
      run('stranger', 'Running', { owner: 'u-2' }),
      ...[1, 2, 3, 4, 5, 6].map((number) => run(`failed-${number}`, 'Failed')),
    ];
    const question = { rollout: rollout(canary, status), point: 'Step' as const, replicaSets: [{ podHash: 'new' }] };
    const advice = adviseRollout(question, known(...runs));
    expect(advice.terminate).toEqual(['left-over']);
    expect(advice.delete).toEqual(['failed-6']);
  });

  it('tells the event of a run whose phase is news', () => {
    const advice = adviseRollout(
      { rollout: rollout(canary, stepStatus('shop-new-4-1', 'Running')), point: 'Step' },
      known(run('shop-new-4-1', 'Failed', { step: 1 })),
    );
    expect(advice.event).toEqual({
      type: 'Warning',
      reason: 'AnalysisRunFailed',
      message: "Step Analysis Run 'shop-new-4-1' Status New: 'Failed' Previous: 'Running'",
    });
  });

  it("throws Argo's words for an argument that nobody gives", () => {
    const bare = { canary: { steps: [{}, { analysis: { templates: analysis.templates } }] } };
    expect(() => adviseRollout({ rollout: rollout(bare), point: 'Step' }, known())).toThrow(
      'args.service was not resolved',
    );
  });
});
