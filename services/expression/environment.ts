import { Failure } from './failure.ts';
import { truncate } from './go/arithmetic.ts';
import { formatValue } from './go/format-value.ts';
import { ANY, BOOL, FLOAT64, funcOf, INT64 } from './go/go-type.ts';
import { NumberError, parseFloat64, parseInt64 } from './go/parse-number.ts';
import { type Nature, natureOf } from './nature.ts';
import type { Run } from './run.ts';
import { emptyMap, Func, type GoValue, numberOf, TypedInt, toInt64, typeName } from './value.ts';

/** The names a condition may use besides the builtins. */
export interface Environment {
  readonly natures: ReadonlyMap<string, Nature>;
  readonly names: ReadonlySet<string>;
  value(name: string, run: Run): GoValue;
}

const TYPES = {
  asInt: funcOf([ANY], [INT64]),
  asFloat: funcOf([ANY], [FLOAT64]),
  isNaN: funcOf([FLOAT64], [BOOL]),
  isInf: funcOf([FLOAT64], [BOOL]),
  isNil: funcOf([ANY], [BOOL]),
  default: funcOf([ANY, ANY], [ANY]),
} as const;
type FunctionName = keyof typeof TYPES;

/** Argo's environment of a success or failure condition, with the static type of the actual result. */
export function conditionEnvironment(result: Nature): Environment {
  return environmentOf(['asInt', 'asFloat', 'isNaN', 'isInf', 'isNil', 'default'], result);
}

/** Argo's environment of a range query's start and end. */
export const TIME_ENVIRONMENT = environmentOf(['isNaN', 'isInf']);

/** All of an environment, as `$env` sees it. */
export function environmentValue(environment: Environment, run: Run): GoValue {
  const values = emptyMap();
  for (const name of environment.names) values[name] = environment.value(name, run);
  return values;
}

function environmentOf(functions: readonly FunctionName[], result?: Nature): Environment {
  const natures = new Map<string, Nature>(functions.map((name) => [name, natureOf(TYPES[name])]));
  if (result !== undefined) natures.set('result', result);
  return {
    natures,
    names: new Set(natures.keys()),
    value: (name, run) => {
      if (name === 'result' && result !== undefined) return run.result;
      return natures.has(name) ? functionValue(name as FunctionName, run) : null;
    },
  };
}

const FIXED = {
  asInt: new Func(TYPES.asInt, ([value]) => new TypedInt(INT64, asInt(value!))),
  asFloat: new Func(TYPES.asFloat, ([value]) => asFloat(value!)),
  isNaN: new Func(TYPES.isNaN, ([value]) => Number.isNaN(value)),
  isInf: new Func(TYPES.isInf, ([value]) => value === Infinity || value === -Infinity),
};

/** Argo's `isNil` and `default` ignore their first argument and look at the whole result. */
function functionValue(name: FunctionName, run: Run): Func {
  switch (name) {
    case 'isNil':
      return new Func(TYPES.isNil, () => run.result === null);
    case 'default':
      return new Func(TYPES.default, ([, fallback]) => (run.result === null ? fallback! : run.result));
    default:
      return FIXED[name];
  }
}

function asInt(value: GoValue): bigint {
  const number = numberOf(value);
  if (typeof number === 'bigint') return toInt64(number);
  if (typeof number === 'number') return truncate(number);
  return parsed(typeof value === 'string' ? parseInt64(value, 10) : unsupported('asInt', value));
}

function asFloat(value: GoValue): number {
  const number = numberOf(value);
  if (number !== undefined) return Number(number);
  return parsed(typeof value === 'string' ? parseFloat64(value) : unsupported('asFloat', value));
}

function parsed<T>(outcome: T | NumberError): T {
  if (outcome instanceof NumberError) throw new Failure(outcome.message);
  return outcome;
}

function unsupported(name: string, value: GoValue): never {
  throw new Failure(`${name}() not supported on ${typeName(value)} ${formatValue(value)}`);
}
