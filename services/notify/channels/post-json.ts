import { type HttpResponse, ProviderError } from '../../../providers/contract.ts';
import { type ChannelCall, DeliveryFailure } from '../channel.ts';

const TIMEOUT_MS = 10_000;
const SHOWN = 200;
/** Too early, too slow, too much: a 4xx that is about the moment, not about the message. */
const PASSING = new Set([408, 425, 429]);

/** One POST, guarded and without redirects: what is sent must not become a GET on the way. Throws DeliveryFailure without an answer; any answer is one. */
export async function post(
  call: ChannelCall,
  request: { readonly url: string; readonly headers?: Readonly<Record<string, string>>; readonly body: string },
): Promise<HttpResponse> {
  try {
    return await call.http({
      method: 'POST',
      url: request.url,
      headers: { 'content-type': 'application/json', ...request.headers },
      body: request.body,
      timeoutMs: TIMEOUT_MS,
      redirects: false,
    });
  } catch (error) {
    throw failureOf(error);
  }
}

/** The same, for targets that say all with the status. */
export async function deliver(call: ChannelCall, request: Parameters<typeof post>[1]): Promise<HttpResponse> {
  const answer = await post(call, request);
  refuseUnlessTaken(call, answer);
  return answer;
}

export function refuseUnlessTaken(call: Pick<ChannelCall, 'retryAfterMs'>, answer: HttpResponse): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const text = answer.body.trim().slice(0, SHOWN);
  const kind = status >= 500 || PASSING.has(status) ? 'passing' : 'refused';
  throw new DeliveryFailure(kind, `the target answered ${status}${text === '' ? '' : `: ${text}`}`, {
    retryAfterMs: call.retryAfterMs(answer),
  });
}

/** The guard's errors begin with method and address, which may hold a secret. */
export function failureOf(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(
    /^[A-Z][a-z]+ "(?:[^"\\]|\\.)*": /u,
    '',
  );
  const kind = error instanceof ProviderError && error.kind === 'refused' ? 'refused' : 'passing';
  return new DeliveryFailure(kind, text, { cause: error });
}
