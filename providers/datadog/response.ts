import type { Json, Result } from '../../services/domain/result.ts';
import { ProviderError, type Reading } from '../contract.ts';
import { goJson, goQuote, shortestDecimal } from '../go-format.ts';
import { decodeJson, jsonType } from '../go-json.ts';

/** Datadog's answers as Argo decodes them: strict about types, lenient about what is missing. All functions throw ProviderError. */

// With more groups, the metadata keeps as many of the lowest and of the highest; conditions still see all.
const GROUPS_KEPT_EACH_END = 50;
const NO_DATA: Result = { type: 'nil', value: null };

/** v1: the last point of the first series. */
export function readV1(body: string): Reading {
  const series = pointListsOf(body);
  const last = series?.[0]?.pointlist?.at(-1);
  if (last === undefined) return { result: NO_DATA, value: goJson((series ?? null) as Json) };
  if (last.length !== 2) throw refused('Datapoint does not have 2 values');
  const value = last[1] as number;
  return { result: { type: 'float64', value }, value: shortestDecimal(value) };
}

interface PointList {
  readonly pointlist: readonly (readonly number[])[] | null;
}

function pointListsOf(body: string): readonly PointList[] | undefined {
  const series = listAt(objectAt(decoded(body), 'response')['series'], 'series');
  return series?.map((each) => ({
    pointlist:
      listAt(objectAt(each, 'series')['pointlist'], 'series.pointlist')?.map(
        (point) => listAt(point, 'series.pointlist')?.map((item) => numberAt(item, 'series.pointlist')) ?? [],
      ) ?? null,
  }));
}

/** v2: the first number of the first number column; with group columns a list, one number a group. */
export function readV2(body: string): Reading {
  const columns = columnsOf(attributesOf(body));
  const numbers = columns.find(({ type }) => type === '' || type === 'number');
  const groups = columns.filter(({ type }) => type === 'group');
  const rows = (numbers?.values ?? []).flatMap((value, index) => {
    if (value === null) return [];
    return [{ value: columnNumber(value, numbers?.name ?? ''), name: labelOf(groups, index) }];
  });
  const [first] = rows;
  if (first === undefined) return { result: NO_DATA, value: '[]' };
  if (groups.length === 0)
    return { result: { type: 'float64', value: first.value }, value: shortestDecimal(first.value) };
  const values = rows.map(({ value }) => value);
  return {
    result: { type: '[]float64', value: values },
    value: `[${values.map(shortestDecimal).join(',')}]`,
    metadata: groupMetadata(rows),
  };
}

interface Group {
  readonly name: string;
  readonly value: number;
}

function groupMetadata(groups: readonly Group[]): Readonly<Record<string, string>> {
  if (groups.length <= 2 * GROUPS_KEPT_EACH_END) return { groups: goJson(groups.map(named)) };
  const ascending = groups.toSorted((left, right) => left.value - right.value);
  const kept = [...ascending.slice(0, GROUPS_KEPT_EACH_END), ...ascending.slice(-GROUPS_KEPT_EACH_END)];
  return { groups: goJson(kept.map(named)), groups_truncated: 'true' };
}

const named = ({ name, value }: Group): Json => ({ name, value });

function labelOf(columns: readonly Column[], index: number): string {
  return columns
    .map(({ values }) => {
      const label = values[index];
      const isLabel = Array.isArray(label) && label.length > 0 && label.every((part) => typeof part === 'string');
      if (!isLabel) throw refused(`could not parse group label at index ${index}`);
      return (label as readonly string[]).join(',');
    })
    .join(',');
}

function columnNumber(value: Json, column: string): number {
  if (typeof value === 'number') return value;
  const reason = `json: cannot unmarshal ${jsonType(value)} into Go value of type float64`;
  throw refused(
    `could not parse numeric value ${goQuote(JSON.stringify(value))} in column ${goQuote(column)}: ${reason}`,
  );
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly values: readonly Json[];
}

function columnsOf(attributes: Fields): readonly Column[] {
  return (listAt(attributes['columns'], 'data.attributes.columns') ?? []).map((column) => {
    const { name, type, values } = objectAt(column, 'data.attributes.columns');
    return {
      name: textAt(name, 'data.attributes.columns.name'),
      type: textAt(type, 'data.attributes.columns.type'),
      values: listAt(values, 'data.attributes.columns.values') ?? [],
    };
  });
}

/** Samples of one series: epoch milliseconds and values, NaN where there is none. */
export interface Samples {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Width of Datadog's own buckets, where it says so. */
  readonly bucketMs?: number;
  readonly points: readonly (readonly [timeMs: number, value: number])[];
}

/** v1: each series with its points. */
export function readSeriesV1(body: string): readonly Samples[] {
  const series = listAt(objectAt(decoded(body), 'response')['series'], 'series') ?? [];
  return series.map((each) => {
    const { expression, metric, tag_set, interval, pointlist } = objectAt(each, 'series');
    const points = (listAt(pointlist, 'series.pointlist') ?? []).map((point) => {
      const [timeMs = null, value = null] = listAt(point, 'series.pointlist') ?? [];
      return [numberAt(timeMs, 'series.pointlist'), sampleAt(value, 'series.pointlist')] as const;
    });
    return {
      name: textAt(metric, 'series.metric') || textAt(expression, 'series.expression'),
      tags: tagsOf(listAt(tag_set, 'series.tag_set') ?? []),
      ...(typeof interval === 'number' && { bucketMs: interval * 1000 }),
      points,
    };
  });
}

/** v2: a row of values for each series, over one row of times. */
export function readSeriesV2(body: string, name: string): readonly Samples[] {
  const { times, series, values } = attributesOf(body);
  const timesMs = (listAt(times, 'data.attributes.times') ?? []).map((time) => numberAt(time, 'data.attributes.times'));
  const rows = listAt(values, 'data.attributes.values') ?? [];
  return (listAt(series, 'data.attributes.series') ?? []).map((each, index) => {
    const row = listAt(rows[index] ?? null, 'data.attributes.values') ?? [];
    if (row.length !== timesMs.length)
      throw refused(`Datadog answered ${row.length} values for ${timesMs.length} times in series ${index}`);
    return {
      name,
      tags: tagsOf(listAt(objectAt(each, 'data.attributes.series')['group_tags'], 'group_tags') ?? []),
      ...(timesMs.length > 1 && { bucketMs: (timesMs[1] as number) - (timesMs[0] as number) }),
      points: timesMs.map((timeMs, at) => [timeMs, sampleAt(row[at], 'data.attributes.values')] as const),
    };
  });
}

/** `["host:a", "region:eu"]` */
function tagsOf(tags: readonly Json[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tags.map((tag) => {
      const [name = '', ...value] = textAt(tag, 'tags').split(':');
      return [name, value.join(':')];
    }),
  );
}

type Fields = Readonly<Record<string, Json>>;

function attributesOf(body: string): Fields {
  const data = objectAt(objectAt(decoded(body), 'response')['data'], 'data');
  const errors = textAt(data['errors'], 'data.errors');
  if (errors !== '') throw refused(`There were errors in your query: ${errors}`);
  return objectAt(data['attributes'], 'data.attributes');
}

function decoded(body: string): Json {
  try {
    return decodeJson(body);
  } catch (error) {
    throw unparsed((error as Error).message);
  }
}

function objectAt(value: Json | undefined, field: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw mistyped(value, field, 'object');
  return value as Fields;
}

function listAt(value: Json | undefined, field: string): readonly Json[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw mistyped(value, field, 'list');
  return value as readonly Json[];
}

function textAt(value: Json | undefined, field: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw mistyped(value, field, 'string');
  return value;
}

/** Go leaves a number that is null at 0. */
function numberAt(value: Json, field: string): number {
  if (value === null) return 0;
  if (typeof value !== 'number') throw mistyped(value, field, 'float64');
  return value;
}

const sampleAt = (value: Json | undefined, field: string): number =>
  value === undefined || value === null ? Number.NaN : numberAt(value, field);

const mistyped = (value: Json, field: string, wanted: string): ProviderError =>
  unparsed(`json: cannot unmarshal ${jsonType(value)} into Go struct field .${field} of type ${wanted}`);

const unparsed = (reason: string): ProviderError => refused(`Could not parse JSON body: ${reason}`);

const refused = (message: string): ProviderError => new ProviderError('refused', message);
