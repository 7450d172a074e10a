import type { Json, Result, ResultValue } from '../../services/domain/result.ts';
import { alignSamples } from '../align-samples.ts';
import {
  type HttpResponse,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Series,
  type SeriesRange,
} from '../contract.ts';
import { goJson, goQuote } from '../go-format.ts';
import { decodeJson } from '../go-json.ts';
import { objectOf } from '../json-shape.ts';
import { NewRelicQuery } from './query.ts';
import { askPatiently } from './retries.ts';

type Call = ProviderCall<NewRelicQuery>;

const DEFAULT_PROFILE = 'newrelic';
const DEFAULT_NRQL_SECONDS = 5;
const HTTP_TIMEOUT_MS = 30_000;
const USER_AGENT = 'argo-rollouts/assay';

const ENDPOINTS: Readonly<Record<string, string>> = {
  us: 'https://api.newrelic.com/graphql',
  eu: 'https://api.eu.newrelic.com/graphql',
  jp: 'https://api.jp.newrelic.com/graphql',
  gov: 'https://gov-api.newrelic.com/graphql',
};

const DOCUMENT =
  'query ($query: Nrql!, $accountId: Int!, $timeout: Seconds!) { actor { account(id: $accountId) { nrql(query: $query, timeout: $timeout) { results } } } }';

export const newRelic: Provider<NewRelicQuery> = {
  member: 'newRelic',
  typeName: 'NewRelic',
  schema: NewRelicQuery,
  account: ({ profile }) => profile || DEFAULT_PROFILE,

  async metricMetadata(call) {
    await connect(call);
    return { ResolvedNewRelicQuery: call.query.query };
  },

  async measure(call) {
    const rows = await ask(call, call.query.query);
    const [first] = rows;
    if (first === undefined || (rows.length === 1 && Object.keys(first).length === 0))
      throw new ProviderError('no-data', 'no results returned from NRQL query');
    const result: Result =
      rows.length === 1 ? { type: 'nrdb.NRDBResult', value: first } : { type: '[]nrdb.NRDBResult', value: rows };
    return { result, value: goJson(result.value) };
  },

  /** The same NRQL as a TIMESERIES of the range: a query must not have clauses of its own for the time. */
  async series(call, range) {
    return seriesOf(await ask(call, withRange(call.query.query, range)), range, call.now);
  },
};

interface Connection {
  readonly url: string;
  readonly key: string;
  readonly accountId: number;
  readonly timeout: number;
}

/** What Argo checks when it builds the provider. */
async function connect(call: Call): Promise<Connection> {
  const { profile, timeout = DEFAULT_NRQL_SECONDS } = call.query;
  const secret = await call.readSecret(call.controllerNamespace, profile || DEFAULT_PROFILE);
  const { 'personal-api-key': key = '', 'account-id': account = '', region = '' } = secret;
  if (key === '' || account === '') throw refused('account ID or personal API key not found');
  if (!/^[+-]?\d+$/.test(account))
    throw refused(`could not parse account ID: strconv.Atoi: parsing ${goQuote(account)}: invalid syntax`);
  const url = secret['base-url-nerdgraph'] || ENDPOINTS[region.toLowerCase()] || (ENDPOINTS['us'] as string);
  if (timeout < 0) throw refused('timeout value needs to be a positive value');
  return { url, key, accountId: Number(account), timeout };
}

type Row = Readonly<Record<string, ResultValue>>;

async function ask(call: Call, query: string): Promise<readonly Row[]> {
  const { url, key, accountId, timeout } = await connect(call);
  const response = await askPatiently(call, {
    method: 'POST',
    asksOnly: true,
    url,
    headers: {
      'Api-Key': key,
      'Content-Type': 'application/json',
      'User-Agent': USER_AGENT,
      'NewRelic-Requesting-Services': 'argo-rollouts',
    },
    body: JSON.stringify({ query: DOCUMENT, variables: { query, accountId, timeout } }),
    timeoutMs: HTTP_TIMEOUT_MS,
  });
  return readRows(response);
}

function readRows(response: HttpResponse): readonly Row[] {
  const { status, body } = response;
  if (status === 401)
    throw refused(
      '401 response returned: Invalid credentials provided. Missing API key or an invalid API key was provided.',
    );
  if (status === 404) throw refused('resource not found');
  let answer: Json;
  try {
    answer = decodeJson(body);
  } catch (error) {
    if (status >= 200 && status < 300) throw refused((error as Error).message);
    throw statusError(status, '');
  }
  const { data = null, errors } = objectOf(answer);
  const messages = (Array.isArray(errors) ? (errors as readonly Json[]) : []).map((error) =>
    String(objectOf(error)['message'] ?? ''),
  );
  const text = messages.join(', ');
  if (status < 200 || status >= 300) throw statusError(status, text);
  if (messages.length > 0 && !messages.some((message) => message.startsWith('This field is deprecated!')))
    throw refused(text);
  const nrql = objectOf(objectOf(objectOf(objectOf(data)['actor'])['account'])['nrql']);
  const { results = null } = nrql;
  return Array.isArray(results) ? (results as readonly Json[]).map(objectOf) : [];
}

function statusError(status: number, text: string): ProviderError {
  const kind = status === 429 || status >= 500 ? 'unavailable' : 'refused';
  return new ProviderError(kind, `${status} response returned${text === '' ? '' : `: ${text}`}`);
}

function withRange(query: string, { startMs, endMs, stepMs }: SeriesRange): string {
  if (/\b(since|until|timeseries)\b/i.test(query.replace(/'[^']*'|`[^`]*`/g, '')))
    throw refused('the NRQL of a range must not have SINCE, UNTIL or TIMESERIES: the window sets them');
  return `${query.trim()} TIMESERIES ${stepMs / 1000} seconds SINCE ${Math.floor(startMs / 1000)} UNTIL ${Math.floor(endMs / 1000)}`;
}

/** One series a facet; the value of a bucket is its first number that is not its time. */
function seriesOf(rows: readonly Row[], range: SeriesRange, nowMs: number): readonly Series[] {
  const facets = Map.groupBy(rows, ({ facet }) => (facet === undefined ? '' : goJson(facet)));
  return [...facets.entries()].map(([facet, buckets]) => {
    const samples = buckets.map((row) => [Number(row['beginTimeSeconds']) * 1000, numberIn(row)] as const);
    return {
      name: 'nrql',
      tags: facet === '' ? {} : { facet: String(buckets[0]?.['facet']) },
      ...alignSamples(samples, range, nowMs),
    };
  });
}

function numberIn(row: Row): number {
  for (const [name, value] of Object.entries(row)) {
    if (name === 'beginTimeSeconds' || name === 'endTimeSeconds' || name === 'facet') continue;
    if (typeof value === 'number') return value;
    const inner = typeof value === 'object' && value !== null ? Object.values(value)[0] : undefined;
    if (typeof inner === 'number') return inner;
  }
  return Number.NaN;
}

const refused = (message: string): ProviderError => new ProviderError('refused', message);
