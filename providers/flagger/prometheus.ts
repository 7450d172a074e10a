import type { HttpResponse } from '../contract.ts';
import { isUrl, joinUrl } from '../go-url.ts';
import { setHeader, withBasicAuth } from '../http-layers.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { decode } from './decode.ts';
import { noValues, refused, requireStatus, type Source, type SourceParts, statusLine } from './source.ts';

/** The last series of a vector counts; NaN is no value. */
export function prometheusSource({ provider, credentials, http: wire, timeoutMs }: SourceParts): Source {
  const { address = '', type, insecureSkipVerify: insecure = false } = provider;
  if (!isUrl(address)) throw refused(`${type} address ${address} is not a valid URL`);
  const { token, username, password } = credentials ?? {};
  if (credentials !== undefined && !token) {
    if (!username) throw refused(`${type} credentials does not contain a username`);
    if (!password) throw refused(`${type} credentials does not contain a password`);
  }
  const http = token || !username || !password ? wire : withBasicAuth(wire, { username, password });

  const ask = async (query: string): Promise<HttpResponse> => {
    const url = new URL(joinUrl(address, 'api/v1/query'));
    url.search = new URLSearchParams({ query: query.replace(/\s+/g, ' ') }).toString();
    const headers = token ? setHeader({}, 'Authorization', `Bearer ${token}`) : {};
    return http({ method: 'GET', url: url.href, headers, insecure, timeoutMs });
  };
  const measure = async (query: string): Promise<number> => {
    const response = await ask(query);
    requireStatus(
      response,
      (status) => status < 400,
      ({ body, ...line }) => `Status ${statusLine(line)}: ${body}`,
    );
    const { resultType, result } = objectOf(objectOf(decode(response.body))['data']);
    if (resultType === 'matrix') throw refused('query returned multiple values');
    // A scalar is one sample, not a list of series.
    const samples = resultType === 'scalar' ? [result] : listOf(result).map((series) => objectOf(series)['value']);
    const value = numberOf(listOf(samples.at(-1))[1]);
    if (value === undefined || Number.isNaN(value)) throw noValues('');
    return value;
  };
  return {
    measure,
    async check() {
      if ((await measure('vector(1)')) !== 1) throw refused('value is not 1 for query: vector(1)');
    },
  };
}

function numberOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
