import { type Json, type Result, resultOfJson } from '../../services/domain/result.ts';
import {
  type Http,
  type HttpRequest,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
} from '../contract.ts';
import { goJson } from '../go-format.ts';
import { decodeJson, JsonError } from '../go-json.ts';
import { originOf } from '../go-url.ts';
import { BodyError } from '../http.ts';
import { setHeader, setHeaders, withDeadline } from '../http-layers.ts';
import { findValues, PathError, type PathValue, parseJsonPath } from '../json-path.ts';
import type { Part } from '../json-path-node.ts';
import { isOAuth2Configured, withOAuth2 } from '../oauth2.ts';
import { WebQuery } from './query.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;

export const web: Provider<WebQuery> = {
  member: 'web',
  typeName: 'Web',
  schema: WebQuery,
  account: ({ url }) => originOf(url),

  async measure(call): Promise<Reading> {
    const path = readPath(call.query.jsonPath || '{$}');
    const request = requestOf(call.query);
    const http = signedIn(call, request.timeoutMs);
    const { status, body } = await http(request).catch((error: unknown) => {
      if (error instanceof BodyError)
        throw new ProviderError(error.kind, `Received no bytes in response: ${error.message}`, { cause: error });
      throw error;
    });
    if (status < 200 || status >= 300)
      throw new ProviderError(
        status === 429 || status >= 500 ? 'unavailable' : 'refused',
        `received non 2xx response code: ${status}`,
      );
    return readBody(body, path);
  },
};

function readPath(text: string): readonly Part[] {
  try {
    return parseJsonPath(text);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
}

function requestOf(query: WebQuery): HttpRequest {
  const { url, method = '', headers = [], body = '', jsonBody, insecure = false, timeoutSeconds = 0 } = query;
  if (body !== '' && jsonBody !== undefined)
    throw new ProviderError('refused', 'use either Body or JSONBody; both cannot exists for WebMetric payload');
  const sendsBody = body !== '' || jsonBody !== undefined;
  if (sendsBody && (method === '' || method === 'GET'))
    throw new ProviderError('refused', 'Body/JSONBody can only be used with POST or PUT WebMetric Method types');
  const own = setHeaders({}, headers);
  return {
    method: method || 'GET',
    url,
    headers: jsonBody === undefined ? own : setHeader(own, 'Content-Type', 'application/json'),
    ...(sendsBody && { body: jsonBody === undefined ? body : JSON.stringify(jsonBody) }),
    timeoutMs: (timeoutSeconds > 0 ? timeoutSeconds : DEFAULT_TIMEOUT_SECONDS) * 1000,
    insecure,
    ...(insecure && { proxy: false as const }),
  };
}

function signedIn(call: ProviderCall<WebQuery>, timeoutMs: number): Http {
  const { authentication, insecure = false } = call.query;
  const http = withDeadline(call.http, timeoutMs);
  if (authentication?.oauth2 === undefined || !isOAuth2Configured(authentication.oauth2)) return http;
  return withOAuth2(http, authentication.oauth2, (request) =>
    http({ ...request, insecure, ...(insecure && { proxy: false as const }) }),
  );
}

/** What is not JSON is text, whatever the path; of JSON the first value that the path finds. */
function readBody(body: string, path: readonly Part[]): Reading {
  let data: Json;
  try {
    data = decodeJson(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { result: { type: 'string', value: body }, value: body };
  }
  const [first] = valuesAt(path, data);
  if (first === undefined) throw new ProviderError('no-data', 'result of web metric produced no value');
  return { result: resultOf(first), value: typeof first === 'bigint' ? String(first) : goJson(first) };
}

function valuesAt(path: readonly Part[], data: Json): readonly PathValue[] {
  try {
    return findValues(path, data);
  } catch (error) {
    if (error instanceof PathError)
      throw new ProviderError('no-data', `Could not find JSONPath in body: ${error.message}`);
    throw error;
  }
}

function resultOf(value: PathValue): Result {
  return typeof value === 'bigint' ? { type: 'int', value } : resultOfJson(value);
}
