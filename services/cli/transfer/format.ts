import type { Kind } from '../../engine/ports.ts';

/**
 * An export: JSON lines. The header, then each document without its resourceVersion, which is given anew wherever it is stored, then the end, which tells a
 * whole file from one that was cut off.
 */
export const FORMAT = 'assay-export';
export const FORMAT_VERSION = 1;

export interface Header {
  readonly format: typeof FORMAT;
  readonly version: number;
}

export interface End {
  readonly end: Counts;
}

export type Counts = Readonly<Partial<Record<Kind, number>>>;

/** For people: `3 AnalysisRun, 1 Event`. */
export function countsText(counts: Counts): string {
  const parts = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
