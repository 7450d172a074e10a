import { implementations } from './builtins/index.ts';
import { type Compiling, type Evaluate, type Link, SKIPPED, together } from './evaluate.ts';
import { Failure } from './failure.ts';
import { follow } from './go/access.ts';
import { type FuncType, type GoType, isAssignable, LOCATION_POINTER } from './go/go-type.ts';
import { Duration, LocationPointer, Time } from './go/time.ts';
import { UTC } from './go/zone.ts';
import type { BuiltinNode, CallNode } from './node.ts';
import { Func, type GoValue, NIL_LIST, notA, typeName, typeOf } from './value.ts';

/** A builtin that takes values. Pointers are followed, except to a location where one is meant. */
export function compileValueBuiltin(node: BuiltinNode, compiling: Compiling): Evaluate {
  const { at, name } = node;
  const args = node.args.map((arg) => compiling.compile(arg));
  const implementation = implementations.get(name)!;
  const takesLocation = name === 'now' || name === 'date';
  const [first] = args;
  if (args.length === 1 && first !== undefined && !takesLocation) {
    return (run) => {
      const value = follow(first(run));
      run.at = at;
      run.step(1);
      return implementation([value], run);
    };
  }
  const operands = together(args, compiling);
  return (run) => {
    const values = operands(run).map((value) =>
      takesLocation && value instanceof LocationPointer ? value : follow(value),
    );
    run.at = at;
    run.step(1);
    return implementation(values, run);
  };
}

/**
 * A call of a function or method. As in expr-lang arguments come before the callee. Where the static type is one that
 * expr-lang calls directly, an argument of another type is a failed conversion, elsewhere a failed reflection.
 */
export function compileCall(node: CallNode, callee: Evaluate, compiling: Compiling): Evaluate;
export function compileCall(node: CallNode, callee: Link, compiling: Compiling): Link;
export function compileCall(node: CallNode, callee: Link, compiling: Compiling): Link {
  const { at } = node;
  const { leavesStrays } = compiling;
  const args = node.args.map((arg) => compiling.compile(arg));
  const nature = node.callee.nature;
  const direct = nature?.method ?? (nature?.type?.kind === 'func' ? (nature.type as FuncType) : undefined);
  const isDirect = direct !== undefined && DIRECT.has(direct.name);
  return (run) => {
    let values = args.map((arg) => {
      const value = arg(run);
      if (leavesStrays) run.stack.push(value);
      return value;
    });
    const target = callee(run);
    if (target === SKIPPED) return SKIPPED;
    if (leavesStrays) values = run.take(values.length);
    run.at = at;
    run.step(1);
    if (target === null) throw new Failure('invalid operation: cannot call nil');
    if (!(target instanceof Func)) {
      throw new Failure(`invalid operation: cannot call non-function of type ${typeName(target)}`);
    }
    const { parameters } = target.type;
    if (values.length !== parameters.length) {
      throw new Failure(`invalid number of arguments: expected ${parameters.length}, got ${values.length}`);
    }
    return target.call(values.map((value, index) => argument(value, parameters[index]!, isDirect)));
  };
}

/** The signatures that expr-lang calls without reflection, as far as they take arguments. */
const DIRECT: ReadonlySet<string> = new Set([
  'func(float64) bool',
  'func(time.Duration) time.Duration',
  'func(time.Duration) time.Time',
  'func(time.Time) time.Duration',
  'func(time.Time) bool',
  'func(string) string',
]);

function argument(given: GoValue, wanted: GoType, isDirect: boolean): GoValue {
  const value = wanted.kind === 'interface' || wanted === LOCATION_POINTER ? given : follow(given);
  const type = typeOf(value);
  if (type === undefined && !isDirect) return zeroOf(wanted);
  if (type !== undefined && isAssignable(type, wanted)) return value;
  if (isDirect) throw notA(value, wanted.name);
  throw new Failure(`reflect: Call using ${typeName(value)} as type ${wanted.name}`);
}

function zeroOf({ kind, name }: GoType): GoValue {
  if (name === 'time.Time') return new Time(-62135596800n * 1_000_000_000n, UTC);
  if (name === 'time.Duration') return new Duration(0n);
  switch (kind) {
    case 'int':
      return 0n;
    case 'float64':
      return 0;
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'slice':
      return NIL_LIST;
    default:
      return null;
  }
}
