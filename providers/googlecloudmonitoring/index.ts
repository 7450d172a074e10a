import { alignSamples } from '../align-samples.ts';
import { type Http, type HttpResponse, type Provider, type ProviderCall, ProviderError } from '../contract.ts';
import { shortestDecimal } from '../go-format.ts';
import { googleMonitoringAddress, googleToken } from '../google-token.ts';
import { setHeader, withDeadline } from '../http-layers.ts';
import { endpoint, readJsonAnswer, requireSuccess } from '../json-answer.ts';
import { listReading } from '../list-reading.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { readAnswer, readingOf } from '../prometheus-answer.ts';
import { readSeries } from '../prometheus-series.ts';
import { readSecretRef } from '../secret-ref.ts';
import { GoogleCloudMonitoringQuery, type TimeSeries } from './query.ts';
import { type ListedSeries, newestOf, readPage, readQueried } from './response.ts';

type Call = ProviderCall<GoogleCloudMonitoringQuery>;

const SOURCE = 'Google Cloud Monitoring';
const MAX_PAGES = 20; // of at most 100,000 points each

export const googleCloudMonitoring: Provider<GoogleCloudMonitoringQuery> = {
  member: 'googleCloudMonitoring',
  typeName: 'GoogleCloudMonitoring',
  schema: GoogleCloudMonitoringQuery,
  account: ({ project, secretRef }) => project ?? secretRef?.name ?? 'no project',

  async measure(call) {
    const { query, timeSeries, mql, interval } = chosen(call.query);
    const connection = await connect(call);
    if (query !== undefined)
      return readingOf(readAnswer(await askPromQl(connection, 'query', { query, time: seconds(call.now) })));
    if (mql !== undefined) return listReading(await askMql(connection, mql));
    const { startMs, endMs } = lookBack(call.now, interval);
    const periodMs = readDuration('timeSeries.alignmentPeriod', timeSeries.alignmentPeriod ?? '60s');
    const listed = await listTimeSeries(connection, timeSeries, { startMs, endMs, periodMs });
    return listReading(listed.flatMap(newestOf));
  },

  async check(call) {
    readAnswer(await askPromQl(await connect(call), 'query', { query: 'vector(1)' }));
  },

  async series(call, range) {
    const { query, timeSeries, mql } = chosen(call.query);
    if (mql !== undefined)
      throw new ProviderError('refused', `${SOURCE}: mql has a window of its own: use query or timeSeries for a range`);
    const connection = await connect(call);
    if (query !== undefined)
      return readSeries(query, range, call.now, async ({ startMs, endMs, stepMs }) => {
        const form = { query, start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) };
        return readAnswer(await askPromQl(connection, 'query_range', form));
      });
    const { startMs, endMs, stepMs: periodMs } = range;
    const listed = await listTimeSeries(connection, timeSeries, { startMs, endMs, periodMs });
    return listed.map(({ name, labels, points }) => {
      // An aligned point is named by the end of its period, the judge's grid by its start.
      const samples = points.map(({ endMs: timeMs, value }) => [timeMs - periodMs, value] as const);
      return { name, tags: labels, ...alignSamples(samples, range, call.now) };
    });
  },
};

/** Exactly one of the three languages. Throws ProviderError. */
function chosen(query: GoogleCloudMonitoringQuery) {
  const { query: promQl, timeSeries, mql, interval } = query;
  const given = [promQl, timeSeries, mql].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new ProviderError(
      'refused',
      `${SOURCE}: write one of query, timeSeries and mql, not ${given.length} of them`,
    );
  if (promQl !== undefined) return { query: promQl };
  if (mql !== undefined) return { mql };
  return { timeSeries: timeSeries as TimeSeries, interval };
}

interface Connection {
  readonly address: string;
  readonly project: string;
  readonly http: Http;
  readonly timeoutMs: number;
}

async function connect(call: Call): Promise<Connection> {
  const { secretRef, requestTimeout = '10s' } = call.query;
  const secret = secretRef === undefined ? {} : await readSecretRef(call, secretRef);
  const project = call.query.project || secret['project'];
  if (!project)
    throw new ProviderError('refused', `${SOURCE}: no project: set project, or the key project of the secret`);
  const timeoutMs = readDuration('requestTimeout', requestTimeout);
  const wire = withDeadline(call.http, timeoutMs);
  const token = await googleToken(call, secret['serviceAccountKey'], wire, timeoutMs);
  const http: Http = (request) =>
    wire({ ...request, headers: setHeader(request.headers ?? {}, 'Authorization', `Bearer ${token}`) });
  return { address: googleMonitoringAddress(call), project: encodeURIComponent(project), http, timeoutMs };
}

async function askPromQl(
  { address, project, http, timeoutMs }: Connection,
  route: string,
  form: Readonly<Record<string, string>>,
): Promise<HttpResponse> {
  const url = endpoint(SOURCE, address, `v1/projects/${project}/location/global/prometheus/api/v1/${route}`);
  const response = await http({
    method: 'POST',
    asksOnly: true,
    url: url.href,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    timeoutMs,
  });
  // Of the failures Prometheus' own are read as such; the others are Google's.
  if (response.status !== 400 && response.status !== 422) requireSuccess(SOURCE, response);
  return response;
}

async function askMql({ address, project, http, timeoutMs }: Connection, query: string): Promise<readonly number[]> {
  const response = await http({
    method: 'POST',
    asksOnly: true,
    url: endpoint(SOURCE, address, `v3/projects/${project}/timeSeries:query`).href,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
    timeoutMs,
  });
  return readQueried(readJsonAnswer(SOURCE, response));
}

async function listTimeSeries(
  { address, project, http, timeoutMs }: Connection,
  { filter, perSeriesAligner = 'ALIGN_MEAN', crossSeriesReducer, groupByFields = [] }: TimeSeries,
  { startMs, endMs, periodMs }: { readonly startMs: number; readonly endMs: number; readonly periodMs: number },
): Promise<readonly ListedSeries[]> {
  const url = endpoint(SOURCE, address, `v3/projects/${project}/timeSeries`);
  const parameters = new URLSearchParams({
    filter,
    'interval.startTime': instant(startMs),
    'interval.endTime': instant(endMs),
    'aggregation.alignmentPeriod': `${periodMs / 1000}s`,
    'aggregation.perSeriesAligner': perSeriesAligner,
    ...(crossSeriesReducer !== undefined && { 'aggregation.crossSeriesReducer': crossSeriesReducer }),
    view: 'FULL',
  });
  for (const field of groupByFields) parameters.append('aggregation.groupByFields', field);
  const listed: ListedSeries[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    url.search = parameters.toString();
    const { series, nextPageToken } = readPage(
      readJsonAnswer(SOURCE, await http({ method: 'GET', url: url.href, timeoutMs })),
    );
    listed.push(...series);
    if (nextPageToken === undefined) return listed;
    parameters.set('pageToken', nextPageToken);
  }
  throw new ProviderError('refused', `${SOURCE}: more than ${MAX_PAGES} pages of series: narrow the filter or reduce`);
}

const seconds = (ms: number): string => shortestDecimal(ms / 1000);

const instant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
