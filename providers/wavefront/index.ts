import type { Json } from '../../services/domain/result.ts';
import { alignSamples } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError, type Series } from '../contract.ts';
import { fixedDecimals } from '../go-format.ts';
import { decodeJson } from '../go-json.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { WavefrontQuery } from './query.ts';

type Call = ProviderCall<WavefrontQuery>;

const TOKENS = 'wavefront-api-tokens';
/** Argo has no limit at all: a question that hangs would hold the run for ever. */
const TIMEOUT_MS = 30_000;
/** Wavefront's granularities in milliseconds, coarsest first. */
const GRANULARITIES: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

export const wavefront: Provider<WavefrontQuery> = {
  member: 'wavefront',
  typeName: 'Wavefront',
  schema: WavefrontQuery,
  account: ({ address = '' }) => address,

  async measure(call) {
    const nowSeconds = Math.floor(call.now / 1000);
    const now = String(nowSeconds * 1000);
    // `i` lets points in that lie outside the window, without which a window of one moment would find none.
    const { series, warnings } = await chart(call, { s: now, e: now, p: '1', g: 's', i: 'true' });
    const noted = warnings === undefined ? {} : { warnings };
    if (series.length === 0)
      throw new ProviderError('no-data', 'No TimeSeries found in response from Wavefront', { metadata: noted });
    const points = series.map(({ data }) => nearest(data, nowSeconds));
    const metadata = { ...noted, timestamps: listed(points.map(({ seconds }) => String(seconds))), ...driftOf(points) };
    const values = points.map(({ value }) => value);
    const [only = 0] = values;
    return {
      result: values.length === 1 ? { type: 'float64', value: only } : { type: '[]float64', value: values },
      value: listed(values.map(twoDecimals)),
      metadata,
    };
  },

  async series(call, range) {
    const [granularity] = GRANULARITIES.find(([, ms]) => range.stepMs % ms === 0) ?? ['s'];
    const window = {
      s: String(range.startMs),
      e: String(range.endMs),
      g: granularity,
      i: 'false',
      summarization: 'MEAN',
    };
    const { series } = await chart(call, window);
    return series.map(({ label, tags, data }): Series => {
      const samples = data.map(([seconds, value]) => [seconds * 1000, value] as const);
      return { name: label, tags, ...alignSamples(samples, range, call.now) };
    });
  },
};

type Point = readonly [seconds: number, value: number];
interface Nearest {
  readonly seconds: number;
  readonly value: number;
  /** Undefined for a series without points, which Argo reads as 0 at time 0. */
  readonly drift?: number;
}

function nearest(data: readonly Point[], now: number): Nearest {
  let best: Point | undefined;
  for (const point of data) if (best === undefined || Math.abs(point[0] - now) < Math.abs(best[0] - now)) best = point;
  return best === undefined ? { seconds: 0, value: 0 } : { seconds: best[0], value: best[1], drift: best[0] - now };
}

function driftOf(points: readonly Nearest[]): { drift?: string } {
  const drifts = points.flatMap(({ drift }) => (drift === undefined ? [] : [String(drift)]));
  return drifts.length === points.length ? { drift: listed(drifts) } : {};
}

const listed = ([...texts]: readonly string[]): string =>
  texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`;

const twoDecimals = (value: number): string => fixedDecimals(value, 2);

interface ChartSeries {
  readonly label: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: readonly Point[];
}

async function chart(call: Call, window: Readonly<Record<string, string>>) {
  const { address = '', query = '' } = call.query;
  const tokens = await call.readSecret(call.controllerNamespace, TOKENS);
  const token = tokens[address];
  if (token === undefined) throw new ProviderError('refused', 'API token not found');
  const parameters = {
    q: query,
    ...window,
    autoEvents: 'false',
    listmode: 'false',
    strict: 'false',
    includeObsoleteMetrics: 'false',
  };
  // Argo takes hosts only; a scheme in the address is for servers without TLS.
  const base = /^https?:\/\//.test(address) ? address : `https://${address}`;
  const response = await call.http({
    method: 'GET',
    url: `${base}/api/v2/chart/api?${new URLSearchParams(parameters).toString()}`,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
    timeoutMs: TIMEOUT_MS,
  });
  const { status, statusText, body } = response;
  if (status !== 200)
    throw new ProviderError(
      status === 429 || status >= 500 ? 'unavailable' : 'refused',
      `server returned ${status} ${statusText}\n${body}\n`,
    );
  return readChart(body);
}

function readChart(body: string): { readonly series: readonly ChartSeries[]; readonly warnings: string | undefined } {
  let answer: Json;
  try {
    answer = decodeJson(body);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
  const { timeseries, warnings } = objectOf(answer);
  return {
    series: listOf(timeseries).map((series) => {
      const { label, tags, data } = objectOf(series);
      return {
        label: String(label ?? ''),
        tags: Object.fromEntries(Object.entries(objectOf(tags)).map(([name, value]) => [name, String(value)])),
        data: listOf(data).map((point) => listOf(point).map(Number) as unknown as Point),
      };
    }),
    warnings: typeof warnings === 'string' && warnings !== '' ? warnings : undefined,
  };
}
