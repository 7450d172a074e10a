import { isDeepStrictEqual } from 'node:util';
import { ProviderError } from '../../../../providers/contract.ts';
import {
  createProviders,
  type MeasureCall,
  type Providers,
  type ProvidersOptions,
} from '../../../../providers/create-providers.ts';
import { registry } from '../../../../providers/registry.ts';
import { failedMeasurement, measurementOf } from '../../../../services/analysis/evaluate-reading.ts';
import { recordMeasurement } from '../../../../services/analysis/record-measurement.ts';
import type { Measurement, MetricResult } from '../../../../services/domain/run.ts';
import type { Metric } from '../../../../services/domain/template.ts';
import { evaluateTime } from '../../../../services/expression/condition.ts';
import { writeKubeconfig } from '../../../support/kubeconfig.ts';
import type { Outcome } from '../../suite.ts';
import { atServer, type Case, type Expect, type Step } from './case.ts';
import { type ExchangeServer, startExchangeServer } from './exchange-server.ts';

/** Plays an argo case: the provider as the engine asks it, against a server that compares its requests. */
export async function playArgo(written: Case): Promise<Outcome> {
  const server = await startExchangeServer();
  // Argo speaks TLS to every Wavefront host; the test server does not, and an address with a scheme of its own is Assay's.
  const played =
    'wavefront' in written.spec ? atServer(written, server.url, server.url) : atServer(written, server.url);
  const cluster = 'job' in written.spec ? await writeKubeconfig(server.url) : undefined;
  const providers = createProviders(optionsFor(cluster === undefined ? played : withEnv(played, cluster.settings)));
  try {
    const faults =
      played.expect !== undefined && 'endpoint' in played.expect
        ? await endpointFaults(played, played.expect)
        : await stepFaults(played, providers, server);
    return faults.length === 0
      ? { name: written.name, status: 'passed' }
      : {
          name: written.name,
          status: 'failed',
          expected: written.expect ?? written.steps?.map(({ expect }) => expect),
          actual: faults,
        };
  } finally {
    providers.close();
    await server.close();
    await cluster?.remove();
  }
}

function withEnv(played: Case, env: Readonly<Record<string, string>>): Case {
  return { ...played, env: { ...env, ...played.env } };
}

/** Providers in the world of a case: its clock, settings and secrets. */
export function optionsFor({
  now,
  env = {},
  secrets = [],
  controllerNamespace = 'argo-rollouts',
}: Case): ProvidersOptions {
  let time = now === undefined ? Date.now() : Date.parse(now);
  return {
    // Sleeping takes no time: the clock jumps to where it would have woken.
    clock: {
      now: () => time,
      sleepUntil: async (epochMs) => {
        time = Math.max(time, epochMs);
      },
    },
    setting: (name) => env[name],
    secrets: {
      read: async (namespace, name) =>
        secrets.find((secret) => secret.namespace === namespace && secret.name === name)?.data,
    },
    controllerNamespace,
    evaluateTime: (text, nowMs) => {
      const outcome = evaluateTime(text, nowMs);
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    },
    planner: { shareWindowMs: 0, limits: () => ({ concurrency: 10, requestsPerSecond: 0, retries: 0 }) },
  };
}

async function stepFaults(played: Case, providers: Providers, server: ExchangeServer): Promise<readonly string[]> {
  const steps: readonly Step[] = played.steps ?? [
    { op: 'run', exchanges: played.exchanges ?? [], expect: played.expect ?? {} },
  ];
  const faults: string[] = [];
  let inFlight = played.measurement;
  for (const step of steps) {
    server.expect(step.exchanges);
    if (step.op === 'garbageCollect') {
      const error = await collected(played, providers, step.limit ?? 10);
      if (error !== (step.expect['error'] ?? null)) faults.push(`error ${error}`);
    } else {
      const taken = await take(played, providers, step.op, inFlight);
      faults.push(...measurementFaults(taken, step.expect));
      if ('metricMetadata' in step.expect) faults.push(...(await metadataFaults(played, providers, step.expect)));
      inFlight = taken.measurement;
    }
    faults.push(...server.faults());
  }
  return faults;
}

interface Taken {
  readonly measurement: Measurement;
  /** Its message after the engine has recorded it. */
  readonly recorded: string;
}

async function take(played: Case, providers: Providers, op: Step['op'], inFlight?: Measurement): Promise<Taken> {
  const call = callFor(played);
  const times = { startedAt: call.now, endedAt: call.now, ...(op !== 'run' && { inFlight }) };
  const earlier = inFlight as Measurement;
  let measurement: Measurement;
  try {
    const answer = await (op === 'run'
      ? providers.measure(call)
      : op === 'resume'
        ? providers.resume(call, earlier)
        : providers.cancel(call, earlier));
    measurement = answer === undefined ? earlier : measurementOf(metricOf(played), answer, times);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    measurement = failedMeasurement(error.message, times, error.metadata);
  }
  const [result] = recordMeasurement(
    [],
    {
      metricName: call.metric.name,
      measurement,
      wasInFlight: op !== 'run',
      wasCancelled: op === 'terminate',
      endedAt: call.now,
    },
    new Set(),
  );
  return { measurement, recorded: result?.measurements?.at(-1)?.message ?? '' };
}

async function collected(played: Case, providers: Providers, limit: number): Promise<string | null> {
  try {
    const result: MetricResult = { name: metricOf(played).name, phase: 'Running', ...played.metricResult };
    await providers.collect(callFor(played), result, limit);
    return null;
  } catch (error) {
    if (error instanceof ProviderError) return error.message;
    throw error;
  }
}

function measurementFaults({ measurement, recorded }: Taken, expect: Expect): readonly string[] {
  const { phase, value = '', message = '', metadata = {}, finishedAt, resumeAt } = measurement;
  const checks: Readonly<Record<string, (expected: never) => boolean>> = {
    phase: (expected: string) => phase === expected,
    value: (expected: string) => value === expected,
    message: (expected: string) => message === expected,
    messageContains: (expected: string) => message.includes(expected),
    messageMatches: (expected: string) => new RegExp(expected).test(message),
    messageEmpty: (expected: boolean) => (message === '') === expected,
    metadata: (expected: object) => isDeepStrictEqual({ ...metadata }, expected),
    metadataKeys: (expected: readonly string[]) =>
      isDeepStrictEqual(Object.keys(metadata).sort(), [...expected].sort()),
    finished: (expected: boolean) => (finishedAt !== undefined) === expected,
    resumeAt: (expected: string) => resumeAt === expected,
    controllerMessage: (expected: string) => recorded === expected,
    // The engine records it like every other failure; the phase says so.
    stage: (expected: string) => expected === 'construct' && phase === 'Error',
    metricMetadata: () => true, // compared by metadataFaults
    note: () => true,
  };
  const faults = Object.entries(expect).flatMap(([name, expected]) => {
    const check = checks[name];
    if (check === undefined) return [`the suite does not know "${name}"`];
    return check(expected as never) ? [] : [name];
  });
  return faults.length === 0 ? [] : [`${faults.join(', ')}: ${JSON.stringify(measurement)}`];
}

async function metadataFaults(played: Case, providers: Providers, expect: Expect): Promise<readonly string[]> {
  const seen = (await providers.metadata(callFor(played))) ?? {};
  return isDeepStrictEqual({ ...seen }, expect['metricMetadata'] ?? {})
    ? []
    : [`metricMetadata ${JSON.stringify(seen)}`];
}

/** Where the provider would send its first request; nothing is sent. */
async function endpointFaults(played: Case, expect: Expect): Promise<readonly string[]> {
  const [member = ''] = Object.keys(played.spec);
  const provider = await registry[member]?.load();
  const options = optionsFor(played);
  const { run, metric, attempt, now, signal } = callFor(played);
  let asked = '';
  const outcome = provider?.measure({
    ...{ run, metric, attempt, now, signal, query: played.spec[member] },
    http: (request) => {
      asked = request.url;
      return Promise.reject(new ProviderError('unavailable', 'not sent'));
    },
    wait: async () => {},
    readSecret: async (namespace, name) => {
      const secret = await options.secrets.read(namespace, name);
      if (secret === undefined) throw new ProviderError('refused', `secrets "${name}" not found`);
      return secret;
    },
    controllerNamespace: options.controllerNamespace,
    setting: options.setting,
    evaluateTime: (text) => options.evaluateTime(text, now),
  });
  await outcome?.catch(() => undefined);
  return asked.startsWith(String(expect['endpoint'])) ? [] : [`endpoint ${asked}`];
}

function callFor(played: Case): MeasureCall {
  const { run, metricResult, analysisNamespace = 'default', spec, now } = played;
  const { name, interval } = metricOf(played);
  const { metadata = {}, status } = run ?? {};
  const startedAt = status?.startedAt ?? run?.startedAt;
  return {
    provider: spec,
    run: {
      uid: metadata.uid ?? 'uid',
      name: metadata.name ?? 'run',
      namespace: metadata.namespace ?? analysisNamespace,
      ...(startedAt !== undefined && { startedAt }),
    },
    metric: { name, ...(interval !== undefined && { interval }) },
    attempt: (metricResult?.count ?? 0) + (metricResult?.error ?? 0) + 1,
    now: now === undefined ? Date.now() : Date.parse(now),
    signal: AbortSignal.timeout(30_000),
  };
}

function metricOf({ metric, metricName, spec, successCondition, failureCondition }: Case): Metric {
  return {
    name: metricName ?? 'metric',
    ...metric,
    provider: spec,
    ...(successCondition !== undefined && { successCondition }),
    ...(failureCondition !== undefined && { failureCondition }),
  };
}
