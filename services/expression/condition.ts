import type { Result } from '../domain/result.ts';
import { adopt, resultNature, staticType } from './adopt.ts';
import { check } from './check.ts';
import { CheckFailure } from './check-context.ts';
import { compile } from './compile.ts';
import { conditionEnvironment, type Environment, TIME_ENVIRONMENT } from './environment.ts';
import { CompileFailure, type Evaluate } from './evaluate.ts';
import { Failure } from './failure.ts';
import { Time } from './go/time.ts';
import { UNKNOWN } from './nature.ts';
import type { Node } from './node.ts';
import { parse } from './parser.ts';
import { ProgramCache } from './program-cache.ts';
import { FoldFailure } from './rewrite/fold.ts';
import { rewrite } from './rewrite/rewrite.ts';
import { Run } from './run.ts';
import { type Outcome, SourceError, type Stage } from './source-error.ts';
import { type GoValue, typeName } from './value.ts';

export { print as printExpression } from './print.ts';
export { type Outcome, SourceError } from './source-error.ts';
export { type GoValue, typeName } from './value.ts';

/** A text that has been read, checked and made ready to run; or what is wrong with it. */
type Program = Evaluate | SourceError;

const programs = new ProgramCache<Program>();

/** Argo's environment for an unknown result, and by type of result. */
const ANY_RESULT = conditionEnvironment(UNKNOWN);
const environments = new Map<Result['type'], Environment>();

function environmentFor(type: Result['type']): Environment {
  let environment = environments.get(type);
  if (environment === undefined) {
    environment = conditionEnvironment(resultNature(type));
    environments.set(type, environment);
  }
  return environment;
}

/** Evaluates a success or failure condition against what a provider read. `now` is in milliseconds since the epoch. */
export function evaluateCondition(text: string, result: Result, now: number): Outcome<boolean> {
  const outcome = evaluateValue(text, result, now);
  if (!outcome.ok) return outcome;
  if (typeof outcome.value === 'boolean') return outcome as Outcome<boolean>;
  return failed(`expected bool, but got ${typeName(outcome.value)}`, 'output', text);
}

/** Evaluates a text of the condition language to whatever it yields. */
export function evaluateValue(text: string, result: Result, now: number): Outcome<GoValue> {
  const type = staticType(result);
  let program = programs.get(type, text);
  if (program === undefined) {
    program = prepare(text, environmentFor(type));
    programs.set(type, text, program);
  }
  return run(program, text, () => new Run(adopt(result), now));
}

/**
 * Evaluates the `start` or `end` of a range query to milliseconds since the epoch, perhaps with a fraction. There is no
 * `result` then.
 */
export function evaluateTime(text: string, now: number): Outcome<number> {
  const outcome = evaluateTimeValue(text, now);
  return outcome.ok ? { ok: true, value: Number(outcome.value.nanoseconds) / 1e6 } : outcome;
}

/** The same with its zone and to the nanosecond. */
export function evaluateTimeValue(text: string, now: number): Outcome<Time> {
  const outcome = run(prepare(text, TIME_ENVIRONMENT), text, () => new Run(null, now));
  if (!outcome.ok) return outcome;
  if (outcome.value instanceof Time) return { ok: true, value: outcome.value };
  return failed(`expected time.Time, but got ${typeName(outcome.value)}`, 'output', text);
}

/** The first mistake that can be seen without running; without a type, `result` may be anything. */
export function checkCondition(text: string, resultType?: Result['type']): SourceError | undefined {
  const program = prepare(text, resultType === undefined ? ANY_RESULT : environmentFor(resultType));
  return program instanceof SourceError ? program : undefined;
}

/** The tree of a condition as it was written. */
export function parseExpression(text: string): Outcome<Node> {
  const source = text.toWellFormed();
  const tree = parse(source, ANY_RESULT.names);
  return 'failure' in tree
    ? failed(tree.failure.message, 'compile', source, tree.failure.at)
    : { ok: true, value: tree };
}

function prepare(text: string, environment: Environment): Program {
  const source = text.toWellFormed();
  try {
    const tree = parse(source, environment.names);
    if ('failure' in tree) return new SourceError(tree.failure.message, 'compile', source, tree.failure.at);
    check(tree, environment);
    return compile(rewrite(tree), environment);
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof FoldFailure) {
      return new SourceError(error.message, 'compile', source, error.at);
    }
    if (error instanceof CompileFailure) return new SourceError(error.message, 'compile', source);
    if (isStackOverflow(error)) return new SourceError(TOO_DEEP, 'compile', source);
    throw error;
  }
}

function run(program: Program, text: string, start: () => Run): Outcome<GoValue> {
  if (program instanceof SourceError) return { ok: false, error: program };
  let state: Run | undefined;
  try {
    state = start();
    return { ok: true, value: program(state) };
  } catch (error) {
    if (error instanceof Failure) return failed(error.message, 'run', text.toWellFormed(), state?.at);
    if (isStackOverflow(error)) return failed(TOO_DEEP, 'run', text.toWellFormed());
    throw error;
  }
}

const TOO_DEEP = 'recursion depth exceeded';

/** Trees and values that nest deeper than the stack allows; the parser's limits leave only odd ones. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

function failed(message: string, stage: Stage, source: string, at?: number): { ok: false; error: SourceError } {
  return { ok: false, error: new SourceError(message.toWellFormed(), stage, source, at) };
}
