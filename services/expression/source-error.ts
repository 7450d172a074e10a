/** Where a condition went wrong: while it was read and typed, while it ran, or because its outcome has the wrong type. */
export type Stage = 'compile' | 'run' | 'output';

/**
 * A mistake in a condition. `message` is bare, as Argo shows it; `formatted` adds the place, as expr-lang does. Lines and
 * columns count from 1, columns in code points.
 */
export class SourceError extends Error {
  readonly stage: Stage;
  readonly line: number;
  readonly column: number;
  readonly formatted: string;

  /** `at` is the UTF-16 offset in `source`; without one the error belongs to no place. */
  constructor(message: string, stage: Stage, source: string, at?: number) {
    super(message);
    this.name = 'SourceError';
    this.stage = stage;
    const before = source.slice(0, at ?? 0);
    const lineStart = before.lastIndexOf('\n') + 1;
    const newline = source.indexOf('\n', lineStart);
    const line = source.slice(lineStart, newline < 0 ? source.length : newline);
    const dots = [...before.slice(lineStart)].length;
    this.line = before.split('\n').length;
    this.column = dots + 1;
    this.formatted =
      at === undefined || line === ''
        ? message
        : `${message} (${this.line}:${this.column})\n | ${line.replaceAll('\t', ' ')}\n | ${'.'.repeat(dots)}^`;
  }
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SourceError };
