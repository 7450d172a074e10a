import { alignSamples } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError } from '../contract.ts';
import { originOf } from '../go-url.ts';
import { endpoint, requireSuccess } from '../json-answer.ts';
import { listReading } from '../list-reading.ts';
import { lookBack, readDuration } from '../look-back.ts';
import { addressFor, readSecretRef, requireKey } from '../secret-ref.ts';
import { executeProgram, type FlowSeries, readFlow } from '../signalflow.ts';
import { SignalFxQuery } from './query.ts';

type Call = ProviderCall<SignalFxQuery>;

const SOURCE = 'Splunk Observability Cloud';

export const signalFx: Provider<SignalFxQuery> = {
  member: 'signalFx',
  typeName: 'SignalFx',
  schema: SignalFxQuery,
  account: (query) => originOf(writtenAddress(query) ?? '') + (writtenAddress(query) ? '' : ` ${query.secretRef.name}`),

  async measure(call) {
    const { startMs, endMs } = lookBack(call.now, call.query.interval);
    return listReading((await ask(call, { startMs, stopMs: endMs })).flatMap(newestOf));
  },

  async series(call, range) {
    const { startMs, endMs, stepMs } = range;
    const found = await ask(call, { startMs, stopMs: endMs, resolutionMs: stepMs });
    return found.map(({ properties, resolutionMs = stepMs, points }) => {
      if (resolutionMs > stepMs)
        throw new ProviderError(
          'refused',
          `${SOURCE}: the program computes every ${resolutionMs / 1000}s, a step of ${stepMs / 1000}s is too fine`,
        );
      const samples = points.map(([timeMs, value]) => [timeMs - resolutionMs, value ?? Number.NaN] as const);
      return { name: call.query.program, tags: properties, ...alignSamples(samples, range, call.now) };
    });
  },
};

async function ask(
  call: Call,
  window: { readonly startMs: number; readonly stopMs: number; readonly resolutionMs?: number },
): Promise<readonly FlowSeries[]> {
  const { program, secretRef, requestTimeout = '10s' } = call.query;
  const credentials = await readSecretRef(call, secretRef);
  const token = requireKey(credentials, secretRef, 'sf_token_key');
  const address = addressFor(writtenAddress(call.query), secretRef, credentials);
  const url = endpoint(SOURCE, address, 'v2/signalflow/execute').href;
  const timeoutMs = readDuration('requestTimeout', requestTimeout);
  const response = await executeProgram(call.http, { url, token, program, timeoutMs, ...window });
  requireSuccess(SOURCE, response);
  return readFlow(response.body);
}

function writtenAddress({ address, realm }: SignalFxQuery): string | undefined {
  return address || (realm ? `https://stream.${realm}.signalfx.com` : undefined);
}

function newestOf({ points }: FlowSeries): readonly number[] {
  const newest = points.findLast(([, value]) => value !== null);
  return newest === undefined ? [] : [newest[1] as number];
}
