import { durationMs } from '../../services/domain/duration.ts';
import { rfc3339 } from '../../services/domain/resource.ts';
import type { Json } from '../../services/domain/result.ts';
import type { Measurement } from '../../services/domain/run.ts';
import {
  type Deferred,
  type HttpResponse,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
} from '../contract.ts';
import { goQuote, printValue } from '../go-format.ts';
import { decodeJson, jsonType } from '../go-json.ts';
import { originOf } from '../go-url.ts';
import { objectOf } from '../json-shape.ts';
import { KayentaQuery, type KayentaScope } from './query.ts';

type Call = ProviderCall<KayentaQuery>;

const TIMEOUT_MS = 15_000;
const POLL_MS = 15_000;
/** The name under which Argo notes the execution, and looks for it again. */
const EXECUTION = 'canaryExecutionId';

export const kayenta: Provider<KayentaQuery> = {
  member: 'kayenta',
  typeName: 'Kayenta',
  schema: KayentaQuery,
  account: ({ address }) => originOf(address),
  shareable: false,

  async measure(call) {
    const configId = await findConfig(call);
    const body = JSON.stringify({ scopes: scopesOf(call), thresholds: call.query.threshold });
    const { application, metricsAccountName, configurationAccountName, storageAccountName } = call.query;
    const response = await send(call, 'POST', `/canary/${encodeURIComponent(configId)}`, {
      query: { application, metricsAccountName, configurationAccountName, storageAccountName },
      body,
    });
    if (response.status !== 200) throw refused('Invalid Response', response);
    const answer = objectOf(decode(response));
    // Argo prints whatever is there: an absent id becomes "<nil>", and is asked for ever after.
    const id = printValue(answer[EXECUTION] ?? null);
    if (id === '') throw refused('Invalid canaryExecutionId');
    return { deferred: true, resumeAt: call.now + POLL_MS, metadata: { [EXECUTION]: id } };
  },

  async check(call) {
    const response = await send(call, 'GET', '/credentials');
    if (response.status !== 200) throw refused('Invalid Response', response);
  },

  async resume(call, inFlight: Measurement): Promise<Reading | Deferred> {
    const id = inFlight.metadata?.[EXECUTION] ?? '';
    const response = await send(call, 'GET', `/canary/${encodeURIComponent(id)}`);
    if (response.status !== 200) throw refused('Invalid Response', response);
    const answer = objectOf(decode(response));
    const complete = answer['complete'];
    if (complete === undefined) throw refused('Missing Complete Status');
    if (typeof complete !== 'boolean')
      throw refused(
        `.complete accessor error: ${printValue(complete)} is of the type ${goType(complete)}, expected bool`,
      );
    if (!complete) return { deferred: true, resumeAt: call.now + POLL_MS };
    return readingOf(scoreOf(answer), call.query.threshold);
  },
};

async function findConfig(call: Call): Promise<string> {
  const { application, storageAccountName, canaryConfigName } = call.query;
  // Argo sends the storage account here, and servers that are set up for it depend on that.
  const query = { application, configurationAccountName: storageAccountName };
  const response = await send(call, 'GET', '/canaryConfig', { query });
  if (response.status !== 200) throw refused(`Invalid Response: HTTP ${response.status}`, response);
  const configs = decode(response);
  if (!Array.isArray(configs))
    throw refused(`json: cannot unmarshal ${jsonType(configs)} into Go value of type []kayenta.canaryConfig`);
  const found = (configs as readonly Json[]).map(objectOf).find(({ name }) => name === canaryConfigName);
  if (found === undefined) throw refused('Canary config not found');
  return String(found['id'] ?? '');
}

function scopesOf(call: Call): object {
  return Object.fromEntries(
    call.query.scopes.map(({ name, controlScope, experimentScope }) => {
      bothOrNeither(controlScope.start, experimentScope.start, 'start');
      bothOrNeither(controlScope.end, experimentScope.end, 'end');
      return [name, { controlScope: sent(call, controlScope), experimentScope: sent(call, experimentScope) }];
    }),
  );
}

function bothOrNeither(control: string | undefined, experiment: string | undefined, member: string): void {
  if (!control !== !experiment)
    throw refused(`controlScope.${member} and experimentScope.${member} must both be set or be empty`);
}

function sent(call: Call, { scope, region, step, start, end }: KayentaScope): object {
  return { scope, location: region, step, start: start || startOf(call), end: end || rfc3339(call.now) };
}

function startOf({ query, run, metric, now }: Call): string {
  if (query.lookback && run.startedAt !== undefined) return run.startedAt;
  const interval = metric.interval ?? '';
  try {
    return rfc3339(now - durationMs(interval));
  } catch (error) {
    throw refused(`Invalid duration ${goQuote(interval)}: ${(error as Error).message}`);
  }
}

function scoreOf(answer: Readonly<Record<string, Json>>): number {
  const result = objectOf(answer['result']);
  const score = objectOf(objectOf(result['judgeResult'])['score'])['score'];
  if (typeof score !== 'number') throw refused('Missing Score');
  return Math.trunc(score);
}

function readingOf(score: number, { pass, marginal }: KayentaQuery['threshold']): Reading {
  const phase = score >= pass ? 'Successful' : score >= marginal ? 'Inconclusive' : 'Failed';
  return { value: String(score), verdict: { phase } };
}

function send(
  { query: { address }, http }: Call,
  method: 'GET' | 'POST',
  path: string,
  { query = {}, body }: { readonly query?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<HttpResponse> {
  const text = new URLSearchParams(query).toString();
  return http({
    method,
    url: `${address}${path}${text === '' ? '' : `?${text}`}`,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body }),
    timeoutMs: TIMEOUT_MS,
  });
}

function decode({ body }: HttpResponse): Json {
  try {
    return decodeJson(body);
  } catch (error) {
    throw refused((error as Error).message);
  }
}

function goType(value: Json): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'number' ? 'float64' : typeof value;
}

function refused(message: string, response?: HttpResponse): ProviderError {
  const isPassing = response !== undefined && (response.status === 429 || response.status >= 500);
  return new ProviderError(isPassing ? 'unavailable' : 'refused', message);
}
