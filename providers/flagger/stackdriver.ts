import type { HttpResponse } from '../contract.ts';
import { ProviderError } from '../contract.ts';
import { joinUrl } from '../go-url.ts';
import { googleMonitoringAddress, googleToken } from '../google-token.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { decode } from './decode.ts';
import { noValues, refused, type Source, type SourceParts } from './source.ts';

/** The first number of the first point of the first series that an MQL query yields, if it is a double; whole numbers read as 0. */
export function stackdriverSource({ call, credentials = {}, http, timeoutMs }: SourceParts): Source {
  const { project, serviceAccountKey } = credentials;
  if (project === undefined) throw refused('stackdriver credentials does not contain a project id');

  const ask = async (query: string): Promise<HttpResponse> => {
    const token = await googleToken(call, serviceAccountKey, http, timeoutMs);
    return http({
      method: 'POST',
      asksOnly: true,
      url: joinUrl(googleMonitoringAddress(call), `v3/projects/${encodeURIComponent(project)}/timeSeries:query`),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
      timeoutMs,
    });
  };
  return {
    async measure(query) {
      const response = await ask(query);
      if (response.status !== 200)
        throw new ProviderError(
          response.status === 429 || response.status >= 500 ? 'unavailable' : 'refused',
          `error requesting stackdriver: ${refusalOf(response).text}`,
        );
      const [series] = listOf(objectOf(decode(response.body))['timeSeriesData']);
      const [point] = listOf(objectOf(series)['pointData']);
      const [value] = listOf(objectOf(point)['values']);
      if (value === undefined) throw noValues(`invalid response: ${response.body}`);
      const { doubleValue = 0 } = objectOf(value);
      return Number(doubleValue);
    },
    /** An empty query is refused as such only to those who may ask. */
    async check() {
      const response = await ask('');
      if (response.status === 200) return;
      const { code } = refusalOf(response);
      if (code !== 'InvalidArgument') throw refused(`unexpected status code: ${code}`);
    },
  };
}

/** As Flagger's gRPC client words it: `rpc error: code = PermissionDenied desc = …`. */
function refusalOf({ status, statusText, body }: HttpResponse): { readonly code: string; readonly text: string } {
  let error: ReturnType<typeof objectOf> = {};
  try {
    error = objectOf(objectOf(decode(body))['error']);
  } catch {
    // Not Google's words: the status has to do.
  }
  const { status: name, message } = error;
  if (typeof name !== 'string') return { code: String(status), text: `${status} ${statusText}`.trim() };
  const code = name.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { code, text: `rpc error: code = ${code} desc = ${String(message ?? '')} (${status})` };
}
