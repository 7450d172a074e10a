import { ProviderError } from '../contract.ts';
import { executeProgram, readFlow } from '../signalflow.ts';
import { noValues, refused, requireStatus, type Source, type SourceParts, windowOf } from './source.ts';

/** The newest number of the one series that a SignalFlow program publishes. */
export function splunkSource(parts: SourceParts): Source {
  const { provider, credentials = {}, http, timeoutMs } = parts;
  const { address = '' } = provider;
  if (address === '') throw refused('splunk endpoint is not set');
  const token = credentials['sf_token_key'];
  if (token === undefined) throw refused('splunk credentials does not contain sf_token_key');
  const { startMs, endMs: stopMs } = windowOf(parts);
  const endpoints = splunkEndpoints(address);

  return {
    async measure(program) {
      const url = `${endpoints.query.replace('ws', 'http')}/execute`;
      const response = await executeProgram(http, { url, token, program, startMs, stopMs, timeoutMs });
      requireStatus(response);
      const points = readSeries(response.body);
      if (points.length > 1) throw refused('invalid response: query returned multiple values');
      const value = points[0]?.at(-1);
      if (value === undefined) throw noValues('invalid response');
      return value;
    },
    async check() {
      const headers = { 'X-SF-Token': token };
      requireStatus(await http({ method: 'GET', url: endpoints.validation, headers, timeoutMs }));
    },
  };
}

/**
 * Where Flagger asks, made from either of the two addresses: its WebSocket, beside which the same programs run over plain HTTP, and the API that tests a
 * token.
 */
export function splunkEndpoints(address: string): { readonly query: string; readonly validation: string } {
  return {
    query: `${address}/v2/signalflow`.replace('http', 'ws').replace('api', 'stream'),
    validation: `${address}/v2/metric?limit=1`.replace('ws', 'http').replace('stream', 'api'),
  };
}

/** The numbers of each series that has any. */
function readSeries(body: string): readonly (readonly number[])[] {
  try {
    return readFlow(body)
      .map(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])))
      .filter((numbers) => numbers.length > 0);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `error executing query: ${error.message}`, { cause: error });
  }
}
