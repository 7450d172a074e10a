/** Prometheus' text format, for series that are too many to keep as instruments: their text is kept instead. */

export type Labels = Readonly<Record<string, string>>;

/** Every sample of a family stands below one head. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
}

export function headOf({ help, name, type }: Family): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** Labels in order of name, as Prometheus' own clients write them. */
export function sample(name: string, labels: Labels, value: number): string {
  const text = Object.keys(labels)
    .sort()
    .map((label) => `${label}="${escaped(labels[label]!)}"`)
    .join(',');
  return `${name}{${text}} ${numberText(value)}\n`;
}

function escaped(value: string): string {
  return /[\\"\n]/u.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').toWellFormed()
    : value.toWellFormed();
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
