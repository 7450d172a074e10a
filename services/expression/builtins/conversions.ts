import { Failure } from '../failure.ts';
import { toJson } from '../go/format-json.ts';
import { formatValue } from '../go/format-value.ts';
import { parseJson } from '../go/parse-json.ts';
import { asString, type GoValue, typeOf } from '../value.ts';
import type { Implementation } from './implementation.ts';

/** The kind in expr-lang's words; a named type by its import path and name. */
function describeType(value: GoValue): string {
  const type = typeOf(value);
  if (type === undefined) return 'nil';
  if (type.path !== undefined) return type.path;
  switch (type.kind) {
    case 'int64':
      return 'int';
    case 'uint8':
    case 'uint64':
      return 'uint';
    case 'float64':
      return 'float';
    case 'slice':
      return 'array';
    case 'ptr':
    case 'interface':
      return 'unknown';
    default:
      return type.kind;
  }
}

export const conversions: Readonly<Record<string, Implementation>> = {
  type: ([value]) => describeType(value!),
  string: ([value], run) => {
    if (typeof value === 'string') return value;
    const text = formatValue(value!);
    run.step(text.length);
    run.allocateUncounted(text.length >> 4);
    return text;
  },
  toJSON: ([value], run) => {
    const text = toJson(value!);
    run.step(text.length);
    run.allocateUncounted(text.length >> 4);
    return text;
  },
  fromJSON: ([value], run) => {
    const text = asString(value!);
    run.step(text.length);
    run.allocateUncounted(text.length);
    const parsed = parseJson(text);
    if (!parsed.ok) throw new Failure(parsed.message);
    return parsed.value;
  },
};
