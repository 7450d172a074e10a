import type { Resource } from '../domain/resource.ts';
import type { Undo } from './change-feed.ts';

/** A document and its position. */
export type Entry = readonly [position: string, document: Resource];

/** The positions after `after`, up to and with `upTo`; undefined: to the end. */
export interface Stretch {
  readonly after: string;
  readonly upTo: string | undefined;
}

/** The present documents of a stretch taken back to an earlier revision: in order, later changes undone. */
export function takenBack(
  present: readonly Entry[],
  undo: ReadonlyMap<string, Undo>,
  { after, upTo }: Stretch,
): readonly Entry[] {
  const undone = [...undo]
    .filter(([position]) => position > after && (upTo === undefined || position <= upTo))
    .flatMap(([position, { document }]): Entry[] => (document === undefined ? [] : [[position, document]]));
  const untouched = undo.size === 0 ? present : present.filter(([position]) => !undo.has(position));
  if (undone.length === 0) return untouched;
  return [...untouched, ...undone].sort(([a], [b]) => (a < b ? -1 : 1));
}
