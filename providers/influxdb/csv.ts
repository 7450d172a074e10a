/** Records of a CSV text as Go's encoding/csv reads it: blank lines are skipped, quoted fields may hold commas, quotes and line ends. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const lineEnd = /\r?\n/y;
    lineEnd.lastIndex = at;
    if (record.length === 0 && lineEnd.test(text)) {
      at = lineEnd.lastIndex;
      continue;
    }
    const field = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
    record.push(field.value);
    at = field.end;
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) record.push('');
      continue;
    }
    records.push(record);
    record = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  if (record.length > 0) records.push(record);
  return records;
}

interface Field {
  readonly value: string;
  /** Where the comma or the line end behind it stands. */
  readonly end: number;
}

const FIELD_END = /,|\r?\n|$/g;

function plainField(text: string, from: number): Field {
  const end = fieldEnd(text, from);
  return { value: text.slice(from, end), end };
}

function quotedField(text: string, from: number): Field {
  let value = '';
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value: value + text.slice(at), end: text.length };
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: fieldEnd(text, quote + 1) };
    value += '"';
    at = quote + 2;
  }
}

function fieldEnd(text: string, from: number): number {
  FIELD_END.lastIndex = from;
  return FIELD_END.exec(text)?.index ?? text.length;
}
