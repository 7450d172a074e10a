import { Failure } from '../failure.ts';
import { follow } from '../go/access.ts';
import { formatValue } from '../go/format-value.ts';
import { GoObject } from '../go/go-object.ts';
import { ANY_MAP, PAIR, PAIR_LIST } from '../go/go-type.ts';
import { compareText } from '../go/text.ts';
import type { Run } from '../run.ts';
import { AnyMap, type GoValue, itemsOf, stringMapOf, TypedList, typeName } from '../value.ts';
import type { Implementation } from './implementation.ts';
import { kindName } from './lists.ts';

/** Go visits maps in random order; here it is that of insertion. */
function entriesOf(value: GoValue, complaint: string, run: Run): readonly (readonly [GoValue, GoValue])[] {
  const map = stringMapOf(value);
  let entries: (readonly [GoValue, GoValue])[];
  if (map !== undefined) entries = Object.keys(map).map((key) => [key, map[key]!]);
  else if (value instanceof AnyMap) entries = [...value.entries.values()].map((entry) => [entry.key, entry.value]);
  else throw new Failure(complaint);
  run.allocateUncounted(entries.length);
  run.step(entries.length);
  return entries;
}

function fromPairs(value: GoValue, run: Run): GoValue {
  const items = itemsOf(value);
  if (items === undefined) throw new Failure(`cannot transform ${describeReflected(value)} from pairs`);
  run.allocateUncounted(items.length);
  const map = new AnyMap(ANY_MAP);
  for (const item of items) {
    const pair = itemsOf(follow(item));
    if (pair === undefined) throw new Failure(`invalid pair ${formatValue(follow(item))}`);
    if (pair.length !== 2) throw new Failure(`invalid pair length ${formatValue(item)}`);
    map.set(pair[0]!, pair[1]!);
  }
  return map;
}

/** A reflected value printed as if it were a string: it is mostly a mistake, and Go makes it look like one. */
function describeReflected(value: GoValue): string {
  if (value === null) return '<invalid reflect.Value>';
  const map = stringMapOf(value);
  if (map === undefined) return printedAsString(value);
  const keys = Object.keys(map).sort(compareText);
  return `map[${keys.map((key) => `${key}:${describeMember(map[key]!)}`).join(' ')}]`;
}

function describeMember(value: GoValue): string {
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map(describeMember).join(' ')}]`;
  return value === null ? '%!s(<nil>)' : describeReflected(value);
}

function printedAsString(value: GoValue): string {
  const isText =
    typeof value === 'string' || (value instanceof GoObject && value.type.methods?.['String'] !== undefined);
  return isText ? formatValue(value) : `%!s(${typeName(value)}=${formatValue(value)})`;
}

export const maps: Readonly<Record<string, Implementation>> = {
  keys: ([map], run) => entriesOf(map!, `cannot get keys from ${kindName(map!)}`, run).map(([key]) => key),
  values: ([map], run) => entriesOf(map!, `cannot get values from ${kindName(map!)}`, run).map(([, value]) => value),
  toPairs: ([map], run) => {
    const entries = entriesOf(map!, `cannot transform ${kindName(map!)} to pairs`, run);
    return new TypedList(
      PAIR_LIST,
      entries.map((entry) => new TypedList(PAIR, entry)),
    );
  },
  fromPairs: ([value], run) => fromPairs(value!, run),
};
