import { alignSamples } from '../align-samples.ts';
import type { Provider, ProviderCall } from '../contract.ts';
import { originOf } from '../go-url.ts';
import { endpoint, requireSuccess } from '../json-answer.ts';
import { listReading } from '../list-reading.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { AtlasQuery } from './query.ts';
import { type AtlasSeries, readStream } from './response.ts';

type Call = ProviderCall<AtlasQuery>;

export const atlas: Provider<AtlasQuery> = {
  member: 'atlas',
  typeName: 'Atlas',
  schema: AtlasQuery,
  account: ({ address }) => originOf(address),

  async measure(call) {
    const { startMs, endMs } = lookBack(call.now, call.query.interval);
    const { series, warnings } = await ask(call, startMs, endMs, readDuration('step', call.query.step ?? '1m'));
    return listReading(series.flatMap(newestOf), warnings);
  },

  async series(call, range) {
    const { series, warnings } = await ask(call, range.startMs, range.endMs, range.stepMs);
    return series.map(({ label, tags, samples }) => {
      const { notes = [], ...aligned } = alignSamples(samples, range, call.now);
      const all = [...notes, ...warnings];
      return { name: label, tags, ...aligned, ...(all.length > 0 && { notes: all }) };
    });
  },
};

async function ask(call: Call, startMs: number, endMs: number, stepMs: number) {
  const { address, query, requestTimeout = '10s' } = call.query;
  const timeoutMs = readDuration('requestTimeout', requestTimeout);
  const url = endpoint('Atlas', address, 'api/v2/fetch');
  url.search = new URLSearchParams({
    q: query,
    s: String(startMs),
    e: String(endMs),
    step: isoDuration(stepMs),
  }).toString();
  const response = await call.http({ method: 'GET', url: url.href, timeoutMs });
  requireSuccess('Atlas', response);
  return readStream(response.body);
}

function newestOf({ samples }: AtlasSeries): readonly number[] {
  const newest = samples.findLast(([, value]) => !Number.isNaN(value));
  return newest === undefined ? [] : [newest[1]];
}

function isoDuration(ms: number): string {
  return ms % 60_000 === 0 ? `PT${ms / 60_000}M` : `PT${ms / 1000}S`;
}
