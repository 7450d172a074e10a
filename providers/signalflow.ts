import { type Http, type HttpResponse, ProviderError } from './contract.ts';
import { decodeJson } from './go-json.ts';
import { type JsonObject, listOf, objectOf } from './json-shape.ts';

/** SignalFlow over HTTP: a program goes in, a text event stream comes out (Splunk Observability Cloud, formerly SignalFx). */

export interface Program {
  /** `https://stream.REALM.signalfx.com/v2/signalflow/execute`. */
  readonly url: string;
  readonly token: string;
  readonly program: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly resolutionMs?: number;
  readonly timeoutMs: number;
}

export interface FlowSeries {
  readonly properties: Readonly<Record<string, string>>;
  /** Width of a point as it was computed; undefined when the stream does not say. */
  readonly resolutionMs: number | undefined;
  /** By time, null where a step has no value. A point is named by its end. */
  readonly points: readonly (readonly [timeMs: number, value: number | null])[];
}

/** `immediate` ends the stream at the present instead of waiting for late data. */
export function executeProgram(http: Http, flow: Program): Promise<HttpResponse> {
  const url = new URL(flow.url);
  url.search = new URLSearchParams({
    start: String(flow.startMs),
    stop: String(flow.stopMs),
    ...(flow.resolutionMs !== undefined && { resolution: String(flow.resolutionMs) }),
    immediate: 'true',
  }).toString();
  return http({
    method: 'POST',
    asksOnly: true,
    url: url.href,
    headers: { 'X-SF-TOKEN': flow.token, 'Content-Type': 'text/plain', Accept: 'text/event-stream' },
    body: flow.program,
    timeoutMs: flow.timeoutMs,
  });
}

/** The series of a stream in the order in which they appear. Throws ProviderError for an error in it and for a stream that broke off. */
export function readFlow(body: string): readonly FlowSeries[] {
  const series = new Map<string, { properties: JsonObject; points: [number, number | null][] }>();
  const known = (id: string) => {
    const found = series.get(id) ?? { properties: {}, points: [] };
    series.set(id, found);
    return found;
  };
  let isWhole = false;
  for (const { event, data } of readEvents(body)) {
    if (event === 'error') throw new ProviderError('refused', `SignalFlow: ${textOf(data)}`);
    if (event === 'metadata') known(String(data['tsId'])).properties = objectOf(data['properties']);
    if (event === 'control-message' && data['event'] === 'CHANNEL_ABORT')
      throw new ProviderError(
        'unavailable',
        `SignalFlow: the computation was aborted: ${textOf(objectOf(data['abortInfo']))}`,
      );
    if (event === 'control-message' && data['event'] === 'END_OF_CHANNEL') isWhole = true;
    if (event !== 'data') continue;
    for (const { tsId, value } of listOf(data['data']).map(objectOf))
      known(String(tsId)).points.push([Number(data['logicalTimestampMs']), numberOf(value)]);
  }
  if (!isWhole)
    throw new ProviderError('unavailable', 'SignalFlow: unexpected EOF: the stream broke off before its end');
  return [...series.values()].map(({ properties, points }) => ({
    properties: Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => !name.startsWith('sf_'))
        .map(([name, value]) => [name, String(value)]),
    ),
    resolutionMs: typeof properties['sf_resolutionMs'] === 'number' ? properties['sf_resolutionMs'] : undefined,
    points,
  }));
}

/** Blocks apart by an empty line; an event's data may run over several lines. */
function readEvents(body: string): readonly { readonly event: string; readonly data: JsonObject }[] {
  return body.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const valuesOf = (field: string) =>
      lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trim());
    const data = valuesOf('data').join('\n');
    if (data === '') {
      // Comments keep the connection open; anything else is no event stream.
      if (lines.some((line) => line !== '' && !/^(:|event:|id:|retry:)/.test(line))) decodeOrRefuse(block);
      return [];
    }
    return [{ event: valuesOf('event').at(-1) ?? 'message', data: objectOf(decodeOrRefuse(data)) }];
  });
}

function decodeOrRefuse(text: string) {
  try {
    return decodeJson(text);
  } catch (error) {
    throw new ProviderError(
      'unavailable',
      `SignalFlow: the answer is not an event stream: ${(error as Error).message}`,
    );
  }
}

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  throw new ProviderError('refused', `SignalFlow: ${JSON.stringify(value)} is not a number`);
}

function textOf(data: JsonObject): string {
  const { message, errorType, error, sf_job_abortReason: reason } = data;
  return [errorType, message ?? reason ?? error].filter((part) => part !== undefined && part !== null).join(': ');
}
