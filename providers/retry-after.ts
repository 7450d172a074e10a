import type { HttpResponse } from './contract.ts';

/** How long an overloaded source (429, 5xx) asks to be left alone; undefined when it does not. RFC 9110, section 10.2.3. */
export function retryAfterMs(
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
  nowMs: number,
): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '' || (status !== 429 && status < 500)) return undefined;
  const pauseMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return pauseMs > 0 ? pauseMs : undefined;
}
