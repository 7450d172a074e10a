import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { startKubernetesApi } from '../support/kubernetes-api.ts';

const JOBS = '/apis/batch/v1/namespaces/chaos/jobs';
const LOOK_EVERY_MS = 200;

interface Job {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly conditions?: unknown };
}

/** A cluster in which every Job completes soon after it was created. */
export interface JobCluster {
  readonly url: string;
  /** Throws unless each Job is that of one measurement of the runs, and each measurement by a Job has one. */
  checkJobs(runs: readonly AnalysisRun[]): Promise<void>;
  close(): Promise<void>;
}

export async function startJobCluster(): Promise<JobCluster> {
  const api = await startKubernetesApi();
  const closing = new AbortController();
  const jobs = async (): Promise<readonly Job[]> =>
    ((await (await fetch(api.url + JOBS)).json()) as { items: readonly Job[] }).items;
  const completeAll = async (): Promise<void> => {
    for (; !closing.signal.aborted; await sleep(LOOK_EVERY_MS))
      for (const { metadata, status } of await jobs())
        if (status?.conditions === undefined)
          api.setStatus(`${JOBS}/${metadata.name}`, { conditions: [{ type: 'Complete', status: 'True' }] });
  };
  const completing = completeAll();
  return {
    url: api.url,
    checkJobs: async (runs) => check(await jobs(), runs),
    close: async () => {
      closing.abort();
      await completing;
      await api.close();
    },
  };
}

function check(jobs: readonly Job[], runs: readonly AnalysisRun[]): void {
  const created = jobs.map(({ metadata }) => metadata.name).toSorted();
  const measured = runs
    .flatMap(({ status }) => status?.metricResults ?? [])
    .flatMap(({ measurements = [] }) => measurements.flatMap(({ metadata }) => metadata?.['job-name'] ?? []))
    .toSorted();
  for (const [index, name] of measured.entries())
    if (name === measured[index + 1]) throw new Error(`Job ${name} was measured twice`);
  const extra = created.filter((name) => !measured.includes(name));
  if (extra.length > 0) throw new Error(`Jobs that no measurement has: ${extra.join(', ')}`);
  const missing = measured.filter((name) => !created.includes(name));
  if (missing.length > 0) throw new Error(`Jobs of measurements that were never created: ${missing.join(', ')}`);
}
