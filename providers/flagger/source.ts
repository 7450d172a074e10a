import { durationMs } from '../../services/domain/duration.ts';
import { type Http, type HttpResponse, type ProviderCall, ProviderError } from '../contract.ts';
import type { Credentials } from '../secret-ref.ts';
import type { FlaggerQuery } from './query.ts';

/** One of Flagger's types, built for a call: one number, or why there is none. Both throw ProviderError with Flagger's words. */
export interface Source {
  measure(query: string): Promise<number>;
  /** Flagger's test of the connection. */
  check(): Promise<void>;
}

/** What a source is built from. */
export interface SourceParts {
  readonly call: Pick<ProviderCall<FlaggerQuery>, 'now' | 'setting' | 'signal'>;
  readonly provider: FlaggerQuery['provider'];
  /** Undefined without secretRef. */
  readonly credentials: Credentials | undefined;
  readonly interval: string;
  readonly http: Http;
  readonly timeoutMs: number;
}

/** Hosted sources get their data late, so Flagger looks back ten intervals. Whole seconds. */
export function windowOf({ call, interval }: SourceParts): { readonly startMs: number; readonly endMs: number } {
  const endMs = Math.floor(call.now / 1000) * 1000;
  try {
    return { startMs: endMs - 10 * durationMs(interval), endMs };
  } catch (error) {
    throw refused(`error parsing metric interval: ${(error as Error).message}`);
  }
}

/** `context` says what had been answered. */
export function noValues(context: string): ProviderError {
  return new ProviderError('no-data', `${context}${context === '' ? '' : ': '}no values found`);
}

export function refused(message: string): ProviderError {
  return new ProviderError('refused', message);
}

/** Throws ProviderError for a status that is not good; Flagger words it with the body. */
export function requireStatus(
  response: HttpResponse,
  isGood: (status: number) => boolean = (status) => status === 200,
  wording: (response: HttpResponse) => string = ({ body, ...line }) => `${body}: ${statusLine(line)}`,
): void {
  if (isGood(response.status)) return;
  const kind = response.status === 429 || response.status >= 500 ? 'unavailable' : 'refused';
  throw new ProviderError(kind, `error response: ${wording(response)}`);
}

export function statusLine({ status, statusText }: Pick<HttpResponse, 'status' | 'statusText'>): string {
  return `${status} ${statusText}`.trim();
}
