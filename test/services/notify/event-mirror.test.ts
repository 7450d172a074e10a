import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCluster } from '../../../providers/kubernetes.ts';
import { runCompleted } from '../../../services/analysis/run-event.ts';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import { emitEvents } from '../../../services/engine/emit-events.ts';
import { EventMirror, type SendToCluster } from '../../../services/notify/event-mirror.ts';
import { type TestApi, testApi } from '../../support/api.ts';
import { type Kubeconfig, writeKubeconfig } from '../../support/kubeconfig.ts';
import { type Bench, engineBench } from '../engine/harness.ts';

/** The API server is a real Assay, which takes Events as Kubernetes does. */
let cluster: TestApi;
let kubeconfig: Kubeconfig;
let engine: Bench;
const mirrors: EventMirror[] = [];
const requests: string[] = [];
let answer: 'itself' | 'nothing' | number;
beforeEach(async () => {
  cluster = await testApi();
  kubeconfig = await writeKubeconfig(await cluster.app.listen({ port: 0, host: '127.0.0.1' }));
  engine = engineBench();
  requests.length = 0;
  answer = 'itself';
});
afterEach(async () => {
  await Promise.all(mirrors.splice(0).map((mirror) => mirror.stop()));
  await kubeconfig.remove();
  await cluster.app.close();
});

const send: SendToCluster = async (request, signal) => {
  requests.push(request.method);
  if (answer === 'nothing') throw new Error('connect ECONNREFUSED');
  if (answer !== 'itself') return { status: answer, body: 'no' };
  return (await openCluster({ kubeconfig: kubeconfig.path })).send(request, signal);
};
async function mirrored(holder = 'one'): Promise<EventMirror> {
  const mirror = new EventMirror({ ...engine.deps, send, holder });
  mirrors.push(mirror);
  mirror.start();
  await until(async () => (await mark()) !== undefined);
  return mirror;
}
const mark = () => engine.store.get({ kind: 'Mark', namespace: '', name: 'events' });
const inCluster = async () =>
  (await cluster.deps.store.list({ kind: 'Event' })).items as unknown as {
    count: number;
    reason: string;
    metadata: { namespace: string };
  }[];
async function until(holds: () => boolean | Promise<boolean>, stepMs = 0): Promise<void> {
  while (!(await holds())) {
    await engine.clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
const run = (name: string): AnalysisRun =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { metrics: [] },
  }) as AnalysisRun;
const tell = (name = 'checkout') => emitEvents(engine.deps, run(name), [runCompleted('Failed')], 'why');

describe('the mirror of Events', () => {
  it('writes them to the cluster, and their counts', async () => {
    await tell('before');
    await mirrored();
    await tell();
    await until(async () => (await inCluster()).length === 1);
    expect((await inCluster())[0]).toMatchObject({
      reason: 'AnalysisRunFailed',
      message: 'Analysis Completed. Result: Failed',
      count: 1,
      involvedObject: { kind: 'AnalysisRun', name: 'checkout', uid: 'checkout' },
      metadata: { namespace: 'shop', annotations: { 'assay/reason': 'why' } },
    });
    await tell();
    await until(async () => (await inCluster())[0]?.count === 2);
    expect(await inCluster()).toHaveLength(1);
  });

  it.each(['nothing', 503, 429] as const)('waits for a cluster that answers %s', async (how) => {
    await mirrored();
    answer = how;
    await tell();
    await until(() => requests.length >= 3, 1_000);
    answer = 'itself';
    await until(async () => (await inCluster()).length === 1, 1_000);
  });

  it('leaves out what the cluster refuses', async () => {
    await mirrored();
    answer = 404;
    await tell();
    await until(() => requests.length === 1);
    answer = 'itself';
    await tell('other');
    await until(async () => (await inCluster()).length === 1);
    expect(engine.logged.map(({ message }) => message)).toContain('the cluster refuses an Event');
  });

  it('is taken over from a process that died, from where it was', async () => {
    await mirrored();
    answer = 'nothing';
    await tell();
    await until(() => requests.length === 1);
    await mirrors.pop()!.stop();
    answer = 'itself';
    await mirrored('two');
    expect(await inCluster()).toEqual([]);
    await until(async () => (await inCluster()).length === 1, 5_000);
  });
});
