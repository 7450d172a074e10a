import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asksTheSame, resolveCollision } from '../../../../services/analysis/rollout/resolve-collision.ts';
import { runsToDelete } from '../../../../services/analysis/rollout/runs-to-delete.ts';
import { isCompleted, PHASES, type Phase } from '../../../../services/domain/phase.ts';
import { rfc3339 } from '../../../../services/domain/resource.ts';
import type { AnalysisRun } from '../../../../services/domain/run.ts';

const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'shop', uid: 'u', controller: true };

function run(name: string, phase: Phase | '', at = 0): AnalysisRun {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name,
      creationTimestamp: rfc3339(at),
      labels: { 'rollouts-pod-template-hash': 'a' },
      ownerReferences: [owner],
    },
    spec: { metrics: [] },
    status: { phase },
  };
}

it('keeps the newest completed runs, as many as the limits say, and every run that still goes on', () => {
  const runs = fc.array(fc.record({ phase: fc.constantFrom(...PHASES), at: fc.integer({ min: 0, max: 1e9 }) }), {
    maxLength: 20,
  });
  const limit = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(runs, limit, limit, (specs, successful, unsuccessful) => {
      const all = specs.map(({ phase, at }, index) => run(`r${index}`, phase, at * 1000));
      const gone = new Set(runsToDelete(all, [{ podHash: 'a' }], { successful, unsuccessful }));
      const kept = all.filter((each) => !gone.has(each));
      for (const each of gone) expect(isCompleted(each.status?.phase)).toBe(true);
      const isGood = (each: AnalysisRun): boolean => each.status?.phase === 'Successful';
      for (const [matches, most] of [
        [isGood, successful],
        [(each: AnalysisRun) => isCompleted(each.status?.phase) && !isGood(each), unsuccessful],
      ] as const) {
        const candidates = all.filter(matches);
        expect(kept.filter(matches)).toHaveLength(Math.min(most, candidates.length));
        const oldestKept = Math.min(
          ...kept.filter(matches).map((each) => Date.parse(each.metadata.creationTimestamp!)),
        );
        for (const each of candidates.filter((candidate) => gone.has(candidate)))
          expect(Date.parse(each.metadata.creationTimestamp!)).toBeLessThanOrEqual(oldestKept);
      }
    }),
  );
});

it('counts on past runs that are completed, ask something else or belong to another', () => {
  const taken = new Map([
    ['foo', run('foo', 'Failed')],
    ['foo.1', { ...run('foo.1', 'Running'), spec: { metrics: [{ name: 'other', provider: {} }] } }],
    ['foo.2', run('foo.2', 'Running')],
  ]);
  expect(resolveCollision(run('foo', ''), (name) => taken.get(name))).toEqual({ name: 'foo.2', reused: true });
  taken.delete('foo.2');
  expect(resolveCollision(run('foo', ''), (name) => taken.get(name))).toEqual({ name: 'foo.2', reused: false });
});

it('compares specs as documents: the order of members and empty lists say nothing, the order of lists does', () => {
  const metric = { name: 'm', provider: { web: { url: 'u', method: 'GET' } } };
  const turned = { provider: { web: { method: 'GET', url: 'u' } }, interval: '', name: 'm' };
  expect(asksTheSame({ metrics: [metric], args: [] }, { metrics: [turned], dryRun: [] })).toBe(true);
  expect(
    asksTheSame({ metrics: [metric], args: [{ name: 'a', value: '' }] }, { metrics: [metric], args: [{ name: 'a' }] }),
  ).toBe(false);
});
