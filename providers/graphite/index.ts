import type { Json } from '../../services/domain/result.ts';
import { alignSamples, completeSteps } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError, type Series } from '../contract.ts';
import { fixedDecimals, goQuote, printValue } from '../go-format.ts';
import { decodeJson } from '../go-json.ts';
import { badEscape, isUrl, joinUrl, originOf } from '../go-url.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { GraphiteQuery } from './query.ts';

type Call = ProviderCall<GraphiteQuery>;

const TIMEOUT_MS = 10_000;

export const graphite: Provider<GraphiteQuery> = {
  member: 'graphite',
  typeName: 'Graphite',
  schema: GraphiteQuery,
  account: ({ address = '' }) => originOf(address),

  async measure(call) {
    const [first] = await render(call, {});
    if (first === undefined || first.points.length === 0) throw new ProviderError('no-data', 'no values found');
    const values = first.points.flatMap(([value]) => (value === null ? [] : [value]));
    return {
      result: { type: '[]float64', value: values },
      value: `[${values.map(sixDecimals).join(',')}]`,
      keepsValueOnError: true,
    };
  },

  async series(call, range) {
    const { startMs, stepMs, count } = completeSteps(range, call.now);
    // Graphite's window leaves out the point at `from` and holds the one at `until`; it takes whole seconds.
    const lastSecond = (ms: number): string => String(Math.ceil(ms / 1000) - 1);
    const window = { from: lastSecond(startMs), until: lastSecond(startMs + stepMs * count) };
    const targets = await render(call, window);
    return targets.map(({ target, points }): Series => {
      const samples = points.map(([value, seconds]) => [seconds * 1000, value ?? Number.NaN] as const);
      return { name: target, tags: {}, ...alignSamples(samples, range, call.now) };
    });
  },
};

interface Target {
  readonly target: string;
  readonly points: readonly (readonly [value: number | null, seconds: number])[];
}

async function render({ query, http }: Call, window: Readonly<Record<string, string>>): Promise<readonly Target[]> {
  const { address = '', query: text = '' } = query;
  if (!isUrl(address)) throw refused(`Graphite address ${address} is not a valid URL`);
  const url = new URL(joinUrl(address, 'render'));
  url.search = sorted({ ...parametersOf(text), ...window, format: ['json'] });
  const response = await http({ method: 'GET', url: url.href, timeoutMs: TIMEOUT_MS });
  if (response.status >= 400)
    throw new ProviderError(
      response.status === 429 || response.status >= 500 ? 'unavailable' : 'refused',
      `error response: ${response.body}`,
    );
  let answer: Json;
  try {
    answer = decodeJson(response.body);
  } catch (error) {
    throw refused((error as Error).message);
  }
  return listOf(answer).map((target) => {
    const { target: name, datapoints } = objectOf(target);
    return { target: String(name ?? ''), points: listOf(datapoints ?? null).map(pointOf) };
  });
}

/** Argo removes all white space, then lets Go read the rest as a URL's query: pairs that hold a semicolon are lost. */
function parametersOf(text: string): Readonly<Record<string, readonly string[]>> {
  const query = text.replace(/\s+/g, '');
  const bad = badEscape(query);
  if (bad !== undefined) throw refused(`parse ${goQuote(query)}: invalid URL escape ${goQuote(bad)}`);
  const parameters: Record<string, string[]> = {};
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const [name = '', ...value] = pair.split('=');
    const key = decode(name);
    parameters[key] = [...(parameters[key] ?? []), decode(value.join('='))];
  }
  return parameters;
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/** Go's Values.Encode: by name. */
function sorted(parameters: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1));
  return new URLSearchParams(
    pairs.flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value])),
  ).toString();
}

function pointOf(point: Json): readonly [number | null, number] {
  if (!Array.isArray(point) || point.length !== 2) throw refused(`error unmarshaling data point: ${printValue(point)}`);
  const [value, time] = point as unknown as readonly [Json, Json];
  const number = value === null ? null : numberOf(value);
  if (number === undefined) throw refused(`error unmarshaling value: ${printValue(value)}`);
  const seconds = numberOf(time);
  // Argo prints the value here, not the time.
  if (seconds === undefined) throw refused(`error unmarshaling timestamp: ${printValue(value)}`);
  return [number, seconds];
}

/** Graphite may write numbers as text. */
function numberOf(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : undefined;
}

const sixDecimals = (value: number): string => fixedDecimals(value, 6);

const refused = (message: string): ProviderError => new ProviderError('refused', message);
