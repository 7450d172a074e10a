/** How one vector case ended. `skipped` is only for cases that the vector files say do not bind. */
export type Outcome =
  | { readonly name: string; readonly status: 'passed' | 'skipped' }
  | { readonly name: string; readonly status: 'failed'; readonly expected: unknown; readonly actual: unknown };

/** A suite takes the parsed content of one vector file and yields one outcome a case. */
export type Suite = (content: unknown, file: string) => AsyncIterable<Outcome> | Iterable<Outcome>;

/** Reads a vector file: JSON lines by its ending, else JSON. */
export function parseVectors(file: string, text: string): unknown {
  if (!file.endsWith('.jsonl')) return JSON.parse(text) as unknown;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}
