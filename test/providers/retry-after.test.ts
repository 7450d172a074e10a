import { expect, it } from 'vitest';
import { retryAfterMs } from '../../providers/retry-after.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

it.each([
  { status: 429, text: '30', want: 30_000 },
  { status: 503, text: ' 5 ', want: 5000 },
  { status: 503, text: 'Thu, 01 Jan 2026 00:01:00 GMT', want: 60_000 },
  { status: 503, text: 'Wed, 31 Dec 2025 23:59:00 GMT', want: undefined },
  { status: 429, text: '0', want: undefined },
  { status: 429, text: 'soon', want: undefined },
  { status: 429, text: undefined, want: undefined },
  { status: 301, text: '30', want: undefined },
  { status: 404, text: '30', want: undefined },
])('$status with Retry-After "$text" asks for $want ms', ({ status, text, want }) => {
  const headers: Record<string, string> = text === undefined ? {} : { 'retry-after': text };
  expect(retryAfterMs({ status, headers }, NOW)).toBe(want);
});
