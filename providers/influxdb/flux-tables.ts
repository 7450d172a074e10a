import { parseDuration } from '../../services/domain/duration.ts';
import { GoLeaf, type ResultValue } from '../../services/domain/result.ts';
import { readCsv } from './csv.ts';

/**
 * Annotated CSV, InfluxDB's form of tables, read as Argo's client reads it. That client stops at the first thing it cannot read and Argo never asks why:
 * the rows before it count. Here the reason is kept, in `broken`.
 */

export interface FluxRow {
  /** Number of the table within the answer: rows of one annotation block that differ in `table` belong to different tables. */
  readonly table: string;
  readonly values: Readonly<Record<string, ResultValue>>;
  /** The columns that the table is grouped by: its tags among others. */
  readonly group: readonly string[];
}

export interface FluxTables {
  readonly rows: readonly FluxRow[];
  /** Why reading stopped before the end. */
  readonly broken?: string;
}

interface Column {
  name: string;
  type: string;
  isGroup: boolean;
  default: string;
}

type State = 'annotations' | 'rows' | 'error';

export function readFluxTables(text: string): FluxTables {
  const rows: FluxRow[] = [];
  let columns: Column[] | undefined;
  let state: State = 'rows';
  let block = 0;
  for (const [annotation = '', ...cells] of readCsv(text)) {
    if (cells.length === 0) continue;
    if (annotation.startsWith('#') && state === 'rows') {
      columns = cells.map(() => ({ name: '', type: '', isGroup: false, default: '' }));
      state = 'annotations';
      block += 1;
    }
    if (columns === undefined) return { rows, broken: 'parsing error, annotations not found' };
    if (cells.length !== columns.length)
      return {
        rows,
        broken: `parsing error, row has different number of columns than the table: ${cells.length} vs ${columns.length}`,
      };
    if (annotation !== '') {
      annotate(columns, annotation, cells);
      continue;
    }
    if (state === 'error') {
      const [message, reference] = cells;
      return { rows, broken: (message || 'unknown query error') + (reference ? `,${reference}` : '') };
    }
    if (state === 'annotations') {
      if (columns.every(({ type }) => type === ''))
        return { rows, broken: 'parsing error, datatype annotation not found' };
      state = cells[0] === 'error' ? 'error' : 'rows';
      for (const [index, column] of columns.entries()) column.name = cells[index] ?? '';
      continue;
    }
    const read = readRow(columns, cells);
    if ('broken' in read) return { rows, broken: read.broken };
    rows.push({
      table: `${block} ${cells[columns.findIndex(({ name }) => name === 'table')] ?? ''}`,
      values: read.values,
      group: columns.filter(({ isGroup }) => isGroup).map(({ name }) => name),
    });
  }
  return { rows };
}

function annotate(columns: readonly Column[], annotation: string, cells: readonly string[]): void {
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (annotation === '#datatype') column.type = cell;
    else if (annotation === '#group') column.isGroup = cell === 'true';
    else if (annotation === '#default') column.default = cell;
  }
}

function readRow(
  columns: readonly Column[],
  cells: readonly string[],
): { readonly values: FluxRow['values'] } | { readonly broken: string } {
  const values: Record<string, ResultValue> = {};
  for (const [index, { name, type, default: whenEmpty }] of columns.entries()) {
    const text = cells[index] || whenEmpty;
    const value = text === '' ? null : cellValue(text, type);
    if (value === undefined) return { broken: `${name} cannot read ${JSON.stringify(text)} as ${type || 'a value'}` };
    values[name] = value;
  }
  return { values };
}

/** undefined when the text is not of the type. */
function cellValue(text: string, type: string): ResultValue | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'double':
      return float(text);
    case 'boolean':
      return text.toLowerCase() !== 'false';
    case 'long':
      return integer(text, 'int64');
    case 'unsignedLong':
      return integer(text, 'uint64');
    case 'duration':
      return duration(text);
    case 'base64Binary':
      return new GoLeaf('[]uint8', new Uint8Array(Buffer.from(text, 'base64')));
    case 'dateTime:RFC3339':
    case 'dateTime:RFC3339Nano':
      return time(text);
    default:
      return undefined;
  }
}

function float(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function integer(text: string, type: 'int64' | 'uint64'): GoLeaf | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  const fits = type === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  return fits === value ? new GoLeaf(type, value) : undefined;
}

function duration(text: string): GoLeaf | undefined {
  try {
    return new GoLeaf('time.Duration', parseDuration(text));
  } catch {
    return undefined;
  }
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;

function time(text: string): GoLeaf | undefined {
  const [, whole = '', fraction = '', zone = ''] = RFC3339.exec(text) ?? [];
  const epochMs = Date.parse(whole + zone);
  if (Number.isNaN(epochMs)) return undefined;
  return new GoLeaf('time.Time', BigInt(epochMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}
