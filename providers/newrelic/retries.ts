import { type HttpRequest, type HttpResponse, type ProviderCall, ProviderError } from '../contract.ts';
import { decodeJson } from '../go-json.ts';
import { BodyError } from '../http.ts';
import { listOf, objectOf } from '../json-shape.ts';
import { retryAfterMs } from '../retry-after.ts';

/**
 * Argo's New Relic client tries again by itself, in two loops: go-retryablehttp around each request, which looks at connections and statuses, and
 * newrelic-client-go around that, which looks at the classes of GraphQL's errors. Each ends in words of its own.
 */

const FURTHER_TRIES = 3;
const FIRST_WAIT_MS = 1000;
// go-retryablehttp's RetryWaitMax; a longer Retry-After holds back the account's next call all the same.
const LONGEST_WAIT_MS = 30_000;

const PASSING_CLASSES: ReadonlySet<unknown> = new Set([
  'TIMEOUT',
  'INTERNAL_SERVER_ERROR',
  'SERVER_ERROR',
  'TOO_MANY_REQUESTS',
]);

type Call = Pick<ProviderCall<unknown>, 'http' | 'wait' | 'now' | 'signal'>;

/** The answer to a question that may be asked again. Throws ProviderError. */
export async function askPatiently(call: Call, request: HttpRequest): Promise<HttpResponse> {
  for (let tries = 1; ; tries += 1) {
    const response = await send(call, request);
    const passing = passingError(response);
    if (passing === undefined) return response;
    if (tries > FURTHER_TRIES) throw new ProviderError('unavailable', `maximum retries reached: ${passing}`);
    await call.wait(waitMs(tries));
  }
}

async function send(call: Call, request: HttpRequest): Promise<HttpResponse> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await call.http(request).catch((error: unknown) => {
      if (isPassing(error) && !call.signal.aborted) return error;
      throw error;
    });
    const failed = outcome instanceof ProviderError;
    if (!failed && !isPassingStatus(outcome.status) && !isHeldBack(outcome)) return outcome;
    if (tries > FURTHER_TRIES) {
      const why = failed ? `: ${outcome.message}` : isPassingStatus(outcome.status) ? '' : `: ${HELD_BACK}`;
      const text = `${request.method} ${request.url} giving up after ${tries} attempt(s)${why}`;
      throw new ProviderError('unavailable', text, failed ? { cause: outcome } : {});
    }
    const asked = failed ? undefined : retryAfterMs(outcome, call.now);
    await call.wait(Math.min(asked ?? waitMs(tries), LONGEST_WAIT_MS));
  }
}

const waitMs = (tries: number): number => FIRST_WAIT_MS * 2 ** (tries - 1);

/** No connection, or no answer on it. Half an answer and a certificate of nobody known are not asked for again. */
function isPassing(error: unknown): error is ProviderError {
  return (
    error instanceof ProviderError &&
    error.kind === 'unavailable' &&
    !(error instanceof BodyError) &&
    !error.message.includes('x509: certificate signed by unknown authority')
  );
}

/** The one class that go-retryablehttp is told of as well, when it is that of the first error. */
const HELD_BACK = 'TOO_MANY_REQUESTS';

const isHeldBack = ({ body }: HttpResponse): boolean => errorsIn(body)[0]?.errorClass === HELD_BACK;

// 501 says that it will never be otherwise.
const isPassingStatus = (status: number): boolean => status === 429 || status === 500 || status >= 502;

/** What GraphQL says of an error that may pass; undefined when there is none. */
function passingError({ status, body }: HttpResponse): string | undefined {
  if (status === 404) return undefined;
  const errors = errorsIn(body);
  if (!errors.some(({ errorClass }) => PASSING_CLASSES.has(errorClass))) return undefined;
  return errors.map(({ message }) => message).join(', ');
}

function errorsIn(body: string): readonly { readonly message: string; readonly errorClass: unknown }[] {
  try {
    return listOf(objectOf(decodeJson(body))['errors'])
      .map(objectOf)
      .map(({ message, extensions }) => ({
        message: String(message ?? ''),
        errorClass: objectOf(extensions)['errorClass'],
      }));
  } catch {
    return [];
  }
}
