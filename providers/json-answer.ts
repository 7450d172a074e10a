import type { Json } from '../services/domain/result.ts';
import { type HttpResponse, ProviderError } from './contract.ts';
import { decodeJson, JsonError } from './go-json.ts';
import { isUrl, joinUrl } from './go-url.ts';
import { type JsonObject, listOf, objectOf } from './json-shape.ts';

/** How the sources that Argo lacks are asked and read: their failures say which source, what it answered and what to do about it. */

/** A route under the address that users write. Throws ProviderError `refused` when that is none. */
export function endpoint(source: string, address: string, route: string): URL {
  if (!isUrl(address))
    throw new ProviderError(
      'refused',
      `${source}: address ${JSON.stringify(address)} is not a URL: write https://HOST`,
    );
  return new URL(joinUrl(address, route));
}

/** The JSON of a success. Throws ProviderError for any other status and for what is not JSON. */
export function readJsonAnswer(source: string, response: HttpResponse): JsonObject {
  requireSuccess(source, response);
  try {
    return objectOf(decodeJson(response.body));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ProviderError('refused', `${source}: the answer is not JSON: ${error.message}`);
  }
}

/** Throws ProviderError for any status but 2xx: `unavailable` for 429 and 5xx. */
export function requireSuccess(source: string, { status, statusText, body }: HttpResponse): void {
  if (status >= 200 && status < 300) return;
  const isPassing = status === 429 || status >= 500;
  const said = reasonOf(body);
  const answered = `${source} answered ${`${status} ${statusText}`.trim()}${said === '' ? '' : `: ${said}`}`;
  throw new ProviderError(isPassing ? 'unavailable' : 'refused', `${answered}${ADVICE[status] ?? ''}`);
}

const ADVICE: Readonly<Record<number, string>> = {
  401: ' (check the credentials)',
  403: ' (check what the credentials may read)',
  404: ' (check the address)',
};

const SHOWN_CHARACTERS = 500;

/** What services say is wrong, in the shapes they have for it: `{error: {message}}`, `{error: {reason}}`, `{message}`, `{error: "…"}`, or text. */
function reasonOf(body: string): string {
  let answer: Json;
  try {
    answer = JSON.parse(body) as Json;
  } catch {
    return shortened(body);
  }
  const outer = objectOf(answer);
  const inner = objectOf(outer['error']);
  const details = listOf(inner['constraintViolations']).map((violation) => objectOf(violation)['message']);
  const [said] = [
    inner['message'],
    inner['reason'],
    outer['message'],
    outer['error_description'],
    outer['error'],
  ].filter((text) => typeof text === 'string' && text !== '');
  if (said === undefined) return shortened(body);
  return shortened([said, ...details.filter((text) => typeof text === 'string')].join('; '));
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
