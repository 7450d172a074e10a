import type { ContainerStatus, Job, JobCondition, Pod } from './response.ts';

/** Reasons for which a container waits in vain: somebody has to correct the image. */
const PULL_FAILED: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName']);

/** The condition by which a Job has ended, `Complete` or `Failed`; of both, the later in the list. Undefined while it runs. */
export function endOf(job: Job): JobCondition | undefined {
  return job.status?.conditions?.findLast(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

/** What keeps its images from being pulled, a line each; empty when nothing does. */
export function pullFailures(pods: readonly Pod[]): string {
  return pods
    .flatMap((pod) =>
      containersOf(pod).flatMap(({ name = '', state }) => {
        const { reason = '', message = '' } = state?.waiting ?? {};
        if (!PULL_FAILED.has(reason)) return [];
        return [`Pod ${pod.metadata?.name ?? ''}, container ${name} has terminal error (${reason}): ${message}\n`];
      }),
    )
    .join('');
}

/** The container whose log says most about a failed Job: the newest failed pod's that ended badly. */
export interface FailedContainer {
  readonly pod: string;
  readonly container: string;
  readonly exitCode: number;
}

export function failedContainer(pods: readonly Pod[], jobUid: string): FailedContainer | undefined {
  const own = pods
    .filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uid === jobUid))
    .toSorted((a, b) => (a.metadata?.creationTimestamp ?? '').localeCompare(b.metadata?.creationTimestamp ?? ''));
  for (const pod of own.reverse())
    for (const { name = '', state } of containersOf(pod)) {
      const exitCode = state?.terminated?.exitCode ?? 0;
      if (exitCode !== 0) return { pod: pod.metadata?.name ?? '', container: name, exitCode };
    }
  return undefined;
}

function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}
