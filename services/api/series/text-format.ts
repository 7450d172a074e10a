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

/** Every sample of a series has the same labels: their order is found once. */
const orders = new Map<string, readonly string[]>();

/** Labels in order of name, as Prometheus' own clients write them. */
export function sample(name: string, labels: Labels, value: number): string {
  let order = orders.get(name);
  if (order === undefined) {
    order = Object.keys(labels).sort();
    orders.set(name, order);
  }
  let text = '';
  for (const label of order) text += `${text === '' ? '' : ','}${label}="${escaped(labels[label]!)}"`;
  return `${name}{${text}} ${numberText(value)}\n`;
}

/** Nearly every label is such a text. */
const PLAIN = /^[\w.:/ -]*$/;

function escaped(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').toWellFormed();
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
