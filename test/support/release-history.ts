/** Two hours of a service in three versions, up to now: v1 and v2 alike, v3 with five times the errors. For a real Prometheus' `history`. */
const MINUTE_MS = 60_000;
const MINUTES = 120;

export interface ReleaseHistory {
  /** OpenMetrics text. */
  readonly text: string;
  /** The first and the last minute that has samples. */
  readonly startMs: number;
  readonly endMs: number;
}

export function releaseHistory(nowMs: number): ReleaseHistory {
  const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const startMs = endMs - MINUTES * MINUTE_MS;
  const samples = (name: string, version: string, at: (minute: number) => number): string[] =>
    Array.from(
      { length: MINUTES + 1 },
      (_, minute) => `${name}{app="shop",version="${version}"} ${at(minute)} ${(startMs + minute * MINUTE_MS) / 1000}`,
    );
  // Steps that do not repeat within an hour, each version its own.
  const wave = (minute: number, seed: number): number => ((minute * seed) % 61) / 61;
  const text = [
    '# TYPE errors gauge',
    ...samples('errors', 'v1', (minute) => 1 + wave(minute, 17)),
    ...samples('errors', 'v2', (minute) => 1 + wave(minute, 23)),
    ...samples('errors', 'v3', (minute) => 5 + wave(minute, 29)),
    '# TYPE requests gauge',
    ...['v1', 'v2', 'v3'].flatMap((version) => samples('requests', version, () => 100)),
    '# EOF',
    '',
  ].join('\n');
  return { text, startMs, endMs };
}
