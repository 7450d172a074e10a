/** Text that cannot be read. `line` and `column` count from 1; the message begins with them. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly line: number;
  readonly column: number;
  constructor(problem: string, line: number, column: number) {
    super(`line ${line}, column ${column}: ${problem}`);
    this.line = line;
    this.column = column;
  }
}

/** The error for a place given as an offset into the text. */
export function manifestErrorAt(text: string, offset: number, problem: string): ManifestError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return new ManifestError(problem, line, offset - before.lastIndexOf('\n'));
}
