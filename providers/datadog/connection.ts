import { durationMs } from '../../services/domain/duration.ts';
import { type ProviderCall, ProviderError } from '../contract.ts';
import type { DatadogQuery } from './query.ts';

const DEFAULT_ADDRESS = 'https://api.datadoghq.com';
const DEFAULT_SECRET = 'datadog';
const DEFAULT_TIMEOUT = '10s';

export interface Credentials {
  readonly address: string;
  readonly apiKey: string;
  readonly appKey: string;
}

export interface Connection extends Credentials {
  readonly timeoutMs: number;
}

type Call = ProviderCall<DatadogQuery>;

/** What Argo checks when it builds the provider: the keys first, then the block. Throws ProviderError. */
export async function connect(call: Call): Promise<Connection> {
  const credentials = await findCredentials(call);
  const fault = faultOf(call.query);
  if (fault !== undefined) throw refused(fault);
  return { ...credentials, timeoutMs: timeoutOf(call.query) };
}

/** A secret that is named is the only one that counts; the settings count only when all three are there. */
async function findCredentials(call: Call): Promise<Credentials> {
  const { name = '', namespaced = false } = call.query.secretRef ?? {};
  if (namespaced && name === '') throw refused('secret name is required for namespaced credentials');
  const found =
    (name === '' ? fromSettings(call) : undefined) ??
    (await fromSecret(call, namespaced ? call.run.namespace : call.controllerNamespace, name || DEFAULT_SECRET));
  if (found.apiKey === '' || found.appKey === '') throw notFound();
  return { ...found, address: found.address || DEFAULT_ADDRESS };
}

function fromSettings({ setting }: Call): Credentials | undefined {
  const apiKey = setting('DD_API_KEY');
  const appKey = setting('DD_APP_KEY');
  const address = setting('DD_ADDRESS');
  if (apiKey === undefined || appKey === undefined || address === undefined) return undefined;
  return { apiKey, appKey, address };
}

async function fromSecret(call: Call, namespace: string, name: string): Promise<Credentials> {
  try {
    const secret = await call.readSecret(namespace, name);
    return { apiKey: secret['api-key'] ?? '', appKey: secret['app-key'] ?? '', address: secret['address'] ?? '' };
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'refused') throw notFound(error);
    throw error;
  }
}

/** Argo's checks in Argo's order; the first that hits is told. */
function faultOf({ apiVersion, query = '', queries = {}, formula = '', aggregator }: DatadogQuery): string | undefined {
  const count = Object.keys(queries).length;
  if (query === '' && count === 0) return `Must have either a query or queries. ${REVIEW}`;
  if (query !== '' && count > 0) return `Cannot have both a query and queries. ${REVIEW}`;
  if (apiVersion !== 'v2' && query === '')
    return 'Query is empty. API Version v1 only supports using the query parameter in your Analysis Template.';
  if (formula !== '' && count === 0) return `Formula are only valid when queries are set. ${REVIEW}`;
  if (count > 1 && formula === '') return 'When multiple queries are provided you must include a formula.';
  if (apiVersion !== 'v2' && aggregator !== undefined) return `Aggregator is not supported in v1. ${REVIEW}`;
  return undefined;
}

function timeoutOf({ requestTimeout }: DatadogQuery): number {
  let timeoutMs: number;
  try {
    timeoutMs = durationMs(requestTimeout || DEFAULT_TIMEOUT);
  } catch (error) {
    throw refused(`Could not parse the request timeout: ${(error as Error).message}. ${REVIEW}`);
  }
  if (timeoutMs <= 0) throw refused(`Request timeout must be a positive duration (e.g. 30s). ${REVIEW}`);
  return timeoutMs;
}

const REVIEW = 'Please review the Analysis Template.';

const notFound = (cause?: unknown): ProviderError =>
  new ProviderError('refused', 'failed to find the credentials for datadog metrics provider', { cause });

const refused = (message: string): ProviderError => new ProviderError('refused', message);
