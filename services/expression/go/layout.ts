// Go's time layouts: a text that shows how Mon Jan 2 15:04:05 MST 2006 would look.

const CHUNK =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|_2006|__2|_2|002|0[1-6]|15|1|2006|2|3|4|5|PM|pm|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])/g;

export interface Chunk {
  /** Literal text before it. */
  readonly prefix: string;
  /** Empty at the end of the layout. */
  readonly element: string;
}

export function chunksOf(layout: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let from = 0;
  for (const match of layout.matchAll(CHUNK)) {
    // "_2006" is a literal underscore before the year.
    const isYear = match[0] === '_2006';
    const prefix = layout.slice(from, match.index) + (isYear ? '_' : '');
    chunks.push({ prefix, element: isYear ? '2006' : match[0] });
    from = match.index + match[0].length;
  }
  chunks.push({ prefix: layout.slice(from), element: '' });
  return chunks;
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
