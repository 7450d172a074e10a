import type { HttpResponse } from '../contract.ts';
import { isUrl } from '../go-url.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { decode } from './decode.ts';
import { noValues, refused, requireStatus, type Source, type SourceParts, windowOf } from './source.ts';

/** Of the first metric of the answer the last series, of that the first value. */
export function dynatraceSource(parts: SourceParts): Source {
  const { provider, credentials = {}, http, timeoutMs } = parts;
  const { address = '' } = provider;
  if (address === '') throw refused('dynatrace endpoint is not set');
  if (!isUrl(address)) throw refused(`dynatrace address ${address} is not a valid URL`);
  const token = credentials['dynatrace_token'];
  if (token === undefined) throw refused('dynatrace credentials does not contain dynatrace_token');
  const { startMs, endMs } = windowOf(parts);

  const get = (route: string): Promise<HttpResponse> =>
    http({ method: 'GET', url: `${address}${route}`, headers: { Authorization: `Api-Token ${token}` }, timeoutMs });
  return {
    async measure(query) {
      const parameters = { metricSelector: query, resolution: 'Inf', from: String(startMs), to: String(endMs) };
      const response = await get(`/api/v2/metrics/query?${new URLSearchParams(parameters).toString()}`);
      requireStatus(response);
      const [metric] = listOf(objectOf(decode(response.body))['result']);
      const series = listOf(objectOf(metric)['data']).at(-1);
      const [value] = listOf(objectOf(series)['values']);
      if (value === undefined) throw noValues(`invalid response: ${response.body}`);
      // Go's decoder leaves a null at zero.
      if (value === null) return 0;
      if (typeof value !== 'number')
        throw refused(`error unmarshaling result: ${JSON.stringify(value)} is not a number, '${response.body}'`);
      return value;
    },
    async check() {
      requireStatus(await get('/api/v2/metrics?pageSize=1'));
    },
  };
}
