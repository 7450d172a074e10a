import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricCompleted, runCompleted } from '../../../services/analysis/run-event.ts';
import type { CompletedPhase } from '../../../services/domain/phase.ts';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import { emitEvents } from '../../../services/engine/emit-events.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { ANALYSIS, runBody, type TestApi, testApi } from '../../support/api.ts';
import { findKubectl, runKubectl } from '../../support/kubectl.ts';

/** Argo's reasons and words, from its analysis controller. */
const TOLD: readonly { readonly phase: CompletedPhase; readonly type: string }[] = [
  { phase: 'Successful', type: 'Normal' },
  { phase: 'Inconclusive', type: 'Normal' },
  { phase: 'Failed', type: 'Warning' },
  { phase: 'Error', type: 'Warning' },
];

describe('kubectl shows what is told of a run', () => {
  let api: TestApi;
  let home: string;
  let kubectl: (...args: string[]) => Promise<string>;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-events-'));
    api = await testApi({ clock: systemClock });
    const server = await api.app.listen({ host: '127.0.0.1', port: 0 });
    kubectl = async (...args) =>
      (await runKubectl(findKubectl(), server, home, { args: ['-n', 'shop', ...args] })).stdout;
    await api.call('POST', `${ANALYSIS}/namespaces/shop/analysisruns`, runBody('checkout'));
    const run = (await api.deps.store.get({ kind: 'AnalysisRun', namespace: 'shop', name: 'checkout' })) as AnalysisRun;
    for (const { phase } of TOLD)
      await emitEvents(api.deps, run, [metricCompleted('errors', phase), runCompleted(phase)], 'because');
    // Told again: one event with a count.
    await emitEvents(api.deps, run, [runCompleted('Failed')]);
  });
  afterAll(async () => {
    await api?.app.close();
    await rm(home, { recursive: true });
  });

  it('in get events', async () => {
    const lines = (await kubectl('get', 'events')).trim().split('\n').slice(1);
    const rows = lines.map((line) => line.split(/\s{2,}/u).slice(1));
    const object = 'analysisrun/checkout';
    expect(rows).toHaveLength(2 * TOLD.length);
    for (const { phase, type } of TOLD) {
      expect(rows).toContainEqual([type, `Metric${phase}`, object, `Metric 'errors' Completed. Result: ${phase}`]);
      expect(rows).toContainEqual([type, `AnalysisRun${phase}`, object, `Analysis Completed. Result: ${phase}`]);
    }
  });

  it('in describe, with counts and who says it', async () => {
    const text = await kubectl('describe', 'analysisrun', 'checkout');
    const rows = text.slice(text.indexOf('\nEvents:')).replaceAll(/ {2,}/gu, ' | ');
    for (const { phase, type } of TOLD) {
      expect(rows).toMatch(
        new RegExp(
          `${type} \\| Metric${phase} \\| \\S+ \\| assay \\| Metric 'errors' Completed. Result: ${phase}`,
          'u',
        ),
      );
      const age = phase === 'Failed' ? '\\S+ \\(x2 over \\S+\\)' : '\\S+';
      expect(rows).toMatch(
        new RegExp(
          `${type} \\| AnalysisRun${phase} \\| ${age} \\| assay \\| Analysis Completed. Result: ${phase}`,
          'u',
        ),
      );
    }
  });
});
