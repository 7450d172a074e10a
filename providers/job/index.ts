import type { Measurement } from '../../services/domain/run.ts';
import { type Deferred, type Provider, type ProviderCall, ProviderError, type Reading } from '../contract.ts';
import {
  apiErrorText,
  type Cluster,
  type ClusterAnswer,
  type ClusterChoice,
  type ClusterRequest,
  chooseCluster,
  clusterName,
  openCluster,
  ownCluster,
  SignInError,
} from '../kubernetes.ts';
import { hashedJobName, jobManifest, jobName, METRIC_NAME, RUN_UID } from './manifest.ts';
import { JobQuery } from './query.ts';
import { type Job, type Pod, selectorText } from './response.ts';
import { endOf, failedContainer, pullFailures } from './status.ts';

type Call = ProviderCall<JobQuery>;

/** Argo looks again at once and is woken by the Job's events; without those, no more often than this. */
const SHORTEST_POLL_MS = 1000;
const LOG_LINES = 10;
const LOG_CHARACTERS = 2000;

export const job: Provider<JobQuery> = {
  member: 'job',
  typeName: 'Job',
  schema: JobQuery,
  account: (_query, setting) => clusterName(choiceOf(setting)),
  shareable: false,

  async measure(call) {
    const { run, metric, attempt } = call;
    const place = placeOf(call);
    const name = jobName(run.uid, metric.name, attempt);
    const outcome = await create(call, { ...place, name });
    if (outcome === 'of another metric') {
      const hashed = hashedJobName(run.uid, metric.name, attempt);
      if ((await create(call, { ...place, name: hashed })) === 'of another metric') throw alreadyExists(hashed);
      return inFlight(call, hashed, place.namespace);
    }
    return inFlight(call, name, place.namespace);
  },

  async resume(call, measurement) {
    try {
      return await look(call, measurement);
    } catch (error) {
      // Argo reads a cache, so that an API server that is away or lets nobody in for a while ends nothing. An Error would have a second Job made beside the first.
      if (error instanceof SignInError || (error instanceof ProviderError && error.kind === 'unavailable'))
        return laterLook(call, measurement);
      throw error;
    }
  },

  async cancel(call, measurement) {
    const { path } = handleOf(call, measurement);
    await remove(call, path);
    return { value: '', verdict: { phase: 'Inconclusive' } };
  },

  async check(call) {
    await jobsOf(call);
  },

  async collect(call, result, limit) {
    const { namespace } = placeOf(call);
    const jobs = await jobsOf(call);
    const running = new Set(
      result.measurements
        ?.filter(({ finishedAt }) => finishedAt === undefined)
        .map(({ metadata }) => metadata?.['job-name']),
    );
    // Argo counts the Jobs of all the run's metrics, and deletes some that still run.
    const own = jobs
      .filter(({ metadata }) => (metadata?.annotations?.[METRIC_NAME] ?? call.metric.name) === call.metric.name)
      .toSorted((a, b) => (a.metadata?.creationTimestamp ?? '').localeCompare(b.metadata?.creationTimestamp ?? ''));
    for (const { metadata } of own.slice(0, Math.max(0, own.length - limit)))
      if (!running.has(metadata?.name))
        await remove(call, jobPath(metadata?.namespace ?? namespace, metadata?.name ?? ''));
  },
};

interface Place {
  readonly namespace: string;
  /** Whether the run can own its Jobs: in its own namespace, and in the cluster that holds it. */
  readonly owned: boolean;
}

function placeOf({ run, setting }: Pick<Call, 'run' | 'setting'>): Place {
  const namespace = setting('ARGO_ROLLOUTS_ANALYSIS_JOB_NAMESPACE') ?? run.namespace;
  const owned = namespace === run.namespace && setting('ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG') === undefined;
  return { namespace, owned };
}

function choiceOf(setting: Call['setting']): ClusterChoice | undefined {
  const kubeconfig = setting('ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG');
  if (kubeconfig === 'in-cluster') return ownCluster(setting);
  return kubeconfig === undefined ? chooseCluster(setting) : { kubeconfig };
}

/**
 * Makes the Job, or finds the one that an earlier try of the same attempt has made before anything was recorded: its name tells, and the API server takes
 * a name only once.
 */
async function create(call: Call, job: Place & { readonly name: string }): Promise<'mine' | 'of another metric'> {
  const created = await send(call, {
    method: 'POST',
    path: jobsPath(job.namespace),
    body: jobManifest(call, job),
  });
  if (created.status !== 409) {
    read(created);
    return 'mine';
  }
  const existing = read<Job>(await send(call, { method: 'GET', path: jobPath(job.namespace, job.name) }));
  if (uidOfRun(existing, job.owned) !== call.run.uid) throw refusal(created);
  const metric = existing.metadata?.annotations?.[METRIC_NAME];
  return metric === undefined || metric === call.metric.name ? 'mine' : 'of another metric';
}

/** Whose Job it is: its controller's, or, where Jobs have none, the one its label names. */
function uidOfRun({ metadata }: Job, owned: boolean): string | undefined {
  return owned ? metadata?.ownerReferences?.find(({ controller }) => controller)?.uid : metadata?.labels?.[RUN_UID];
}

async function look(call: Call, measurement: Measurement): Promise<Reading | Deferred> {
  const { name, namespace, path } = handleOf(call, measurement);
  const answer = await send(call, { method: 'GET', path });
  if (answer.status === 404) throw new ProviderError('no-data', `job.batch "${name}" not found`);
  const found = read<Job>(answer);
  const end = endOf(found);
  if (end?.type === 'Complete') return { value: '', verdict: { phase: 'Successful' } };
  if (end !== undefined) {
    const message = await failureText(call, found, namespace);
    return { value: '', verdict: { phase: 'Failed', ...(message !== '' && { message }) } };
  }
  const pullFailure = pullFailures(await podsOf(call, found, namespace));
  if (pullFailure !== '') return { value: '', verdict: { phase: 'Inconclusive', message: pullFailure } };
  return laterLook(call, measurement);
}

/** Why it failed, and the end of its log. Argo says nothing; what cannot be read is left out, since the Job has failed all the same. */
async function failureText(call: Call, failed: Job, namespace: string): Promise<string> {
  const uid = failed.metadata?.uid;
  if (uid === undefined || failed.spec?.selector === undefined) return '';
  const { reason = '', message = '' } = endOf(failed) ?? {};
  const why = [reason, message].filter((text) => text !== '').join(': ');
  try {
    const container = failedContainer(await podsOf(call, failed, namespace), uid);
    if (container === undefined) return why;
    const log = await request(call, {
      method: 'GET',
      path: `${podsPath(namespace)}/${encodeURIComponent(container.pod)}/log`,
      query: { container: container.container, tailLines: String(LOG_LINES) },
    });
    const tail = log.body.trimEnd().slice(-LOG_CHARACTERS);
    const where = `Pod ${container.pod}, container ${container.container} ended with ${container.exitCode}`;
    return [why, tail === '' ? where : `${where}:\n${tail}`].filter((text) => text !== '').join('\n');
  } catch (error) {
    if (error instanceof ProviderError) return why;
    throw error;
  }
}

async function jobsOf(call: Call): Promise<readonly Job[]> {
  const path = jobsPath(placeOf(call).namespace);
  const query = { labelSelector: `${RUN_UID}=${call.run.uid}` };
  return read<{ items?: readonly Job[] }>(await request(call, { method: 'GET', path, query })).items ?? [];
}

async function podsOf(call: Call, { spec }: Job, namespace: string): Promise<readonly Pod[]> {
  if (spec?.selector === undefined) return [];
  const answer = await request(call, {
    method: 'GET',
    path: podsPath(namespace),
    query: { labelSelector: selectorText(spec.selector) },
  });
  return read<{ items?: readonly Pod[] }>(answer).items ?? [];
}

function inFlight({ now }: Call, name: string, namespace: string): Deferred {
  return { deferred: true, resumeAt: now, metadata: { 'job-name': name, 'job-namespace': namespace } };
}

/** Argo's growing delay: the root of twice the seconds that have passed. */
function laterLook({ now }: Call, { startedAt }: Measurement): Deferred {
  const elapsedSeconds = startedAt === undefined ? 0 : Math.max(0, now - Date.parse(startedAt)) / 1000;
  const delayMs = Math.max(SHORTEST_POLL_MS, Math.sqrt(2 * elapsedSeconds) * 1000);
  return { deferred: true, resumeAt: now + Math.round(delayMs) };
}

interface Handle {
  readonly name: string;
  readonly namespace: string;
  readonly path: string;
}

function handleOf({ run }: Call, { metadata }: Measurement): Handle {
  const name = metadata?.['job-name'];
  if (!name) throw new ProviderError('refused', 'job metadata reference missing');
  const namespace = metadata['job-namespace'] || run.namespace;
  return { name, namespace, path: jobPath(namespace, name) };
}

/** With all that hangs on it. Gone already is as good. */
async function remove(call: Call, path: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
  const answer = await send(call, { method: 'DELETE', path, body });
  if (answer.status !== 404) accept(answer);
}

const jobsPath = (namespace: string): string => `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
const jobPath = (namespace: string, name: string): string => `${jobsPath(namespace)}/${encodeURIComponent(name)}`;
const podsPath = (namespace: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;

async function send({ setting, signal }: Call, asked: ClusterRequest): Promise<ClusterAnswer> {
  const choice = choiceOf(setting);
  if (choice === undefined)
    throw new ProviderError(
      'refused',
      'no Kubernetes cluster is configured: run in one, or set KUBECONFIG or ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG',
    );
  const cluster: Cluster = await openCluster(choice);
  return cluster.send(asked, signal);
}

async function request(call: Call, asked: ClusterRequest): Promise<ClusterAnswer> {
  return accept(await send(call, asked));
}

function read<Shape>(answer: ClusterAnswer): Shape {
  const { body } = accept(answer);
  try {
    return JSON.parse(body) as Shape;
  } catch (error) {
    throw new ProviderError('unavailable', `the Kubernetes API answered no JSON: ${body.slice(0, 200)}`, {
      cause: error,
    });
  }
}

function accept(answer: ClusterAnswer): ClusterAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusal(answer);
}

function refusal(answer: ClusterAnswer): ProviderError {
  if (answer.status === 401) return new SignInError('refused', apiErrorText(answer));
  const mayPass = answer.status === 429 || answer.status >= 500;
  return new ProviderError(mayPass ? 'unavailable' : 'refused', apiErrorText(answer));
}

function alreadyExists(name: string): ProviderError {
  return new ProviderError('refused', `jobs.batch "${name}" already exists`);
}
