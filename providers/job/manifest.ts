import { hash } from 'node:crypto';
import type { ProviderCall } from '../contract.ts';
import type { JobQuery } from './query.ts';

/** By these Argo, and Assay, find a run's Jobs again. */
export const RUN_UID = 'analysisrun.argoproj.io/uid';
export const METRIC_NAME = 'analysisrun.argoproj.io/metric-name';
const RUN_NAME = 'analysisrun.argoproj.io/name';
const RUN_NAMESPACE = 'analysisrun.argoproj.io/namespace';

/** What a label's value may have, and the Job's name becomes one on its pods. */
const MAX_NAME = 63;

/** Argo's name of a Job: `<run uid>.<metric>.<attempt>`, the metric cut from its end to fit. The same for the same attempt, whoever asks. */
export function jobName(uid: string, metric: string, attempt: number): string {
  const room = MAX_NAME - `${uid}..${attempt}`.length;
  return `${uid}.${cutTo(metric, room)}.${attempt}`;
}

/** For the second of two metrics that a cut makes alike. */
export function hashedJobName(uid: string, metric: string, attempt: number): string {
  const ending = `-${hash('sha256', metric).slice(0, 8)}`;
  const room = MAX_NAME - `${uid}..${attempt}`.length - ending.length;
  return `${uid}.${cutTo(metric, room)}${ending}.${attempt}`;
}

/** No part of a name may end in a dash or a dot, which a cut can lay bare. */
function cutTo(metric: string, room: number): string {
  return metric.length <= room ? metric : metric.slice(0, Math.max(room, 0)).replace(/[-.]+$/, '');
}

/** `owned`: the run is an object of the same namespace and cluster, and takes its Jobs with it when it is deleted. */
export function jobManifest(
  { query, run, metric }: Pick<ProviderCall<JobQuery>, 'query' | 'run' | 'metric'>,
  { name, namespace, owned }: { readonly name: string; readonly namespace: string; readonly owned: boolean },
): Readonly<Record<string, unknown>> {
  const template = (query.spec['template'] ?? {}) as { readonly metadata?: { readonly labels?: object } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels: { ...query.metadata?.labels, [RUN_UID]: run.uid },
      annotations: {
        ...query.metadata?.annotations,
        [RUN_NAME]: run.name,
        [RUN_NAMESPACE]: run.namespace,
        [METRIC_NAME]: metric.name,
      },
      ...(owned && {
        ownerReferences: [
          {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'AnalysisRun',
            name: run.name,
            uid: run.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      }),
    },
    spec: {
      ...query.spec,
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [RUN_UID]: run.uid } },
      },
    },
  };
}
