import type { Resource } from '../domain/resource.ts';
import type { EarlierDocument, HistoryEntry } from './document.ts';

/** A document and its position. */
export type Entry = readonly [position: string, document: Resource];

/** What a changed document was at an earlier revision (absent: it did not exist), and whether it exists now. */
export interface Undo {
  readonly earlier: EarlierDocument | undefined;
  readonly isPresent: boolean;
}

/** Takes in a change that is later than all before it. Returns how many characters are kept for it. */
export function noteChange(undo: Map<string, Undo>, { position, type, previous }: HistoryEntry): number {
  const known = undo.get(position);
  const earlier = known === undefined ? previous() : known.earlier;
  undo.set(position, { earlier, isPresent: type !== 'DELETED' });
  return known === undefined ? (earlier?.characters ?? 0) : 0;
}

/** How many more documents there were at the earlier revision, after a position. */
export function moreThen(undo: ReadonlyMap<string, Undo>, after: string): number {
  let more = 0;
  for (const [position, { earlier, isPresent }] of undo)
    if (position > after) more += Number(earlier !== undefined) - Number(isPresent);
  return more;
}

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
    .flatMap(([position, { earlier }]): Entry[] => (earlier === undefined ? [] : [[position, earlier.read()]]));
  const untouched = undo.size === 0 ? present : present.filter(([position]) => !undo.has(position));
  if (undone.length === 0) return untouched;
  return [...untouched, ...undone].sort(([a], [b]) => (a < b ? -1 : 1));
}
