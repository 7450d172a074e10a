import type { Result } from '../../domain/result.ts';
import { checkCondition, evaluateCondition } from '../../expression/condition.ts';
import { decidesItself } from '../self-deciding.ts';
import { error, type Finding, warning } from './finding.ts';
import type { FilledMetric } from './known-arguments.ts';

const FIELDS = ['successCondition', 'failureCondition'] as const;

/** A plugin does what it likes with conditions. */
const UNKNOWN = new Set(['plugin']);

/** Conditions that do not parse or check end every measurement in Error; others say something that surprises. */
export function lintConditions(filled: FilledMetric, path: string): Finding[] {
  const { metric } = filled;
  const member = Object.keys(metric.provider ?? {})[0] ?? '';
  const given = FIELDS.filter((field) => metric[field] !== undefined && metric[field] !== '');
  if (UNKNOWN.has(member) || member === '') return given.flatMap((field) => broken(filled, field, path));
  if (decidesItself(metric))
    return given.map((field) => warning(`${path}.${field}`, `never evaluated: ${member} decides itself`, 'remove it'));
  if (given.length === 0)
    return [
      warning(path, 'no condition: every measurement that answers at all is Successful', 'add a successCondition'),
    ];
  return given.flatMap((field) => {
    const faults = broken(filled, field, path);
    if (faults.length > 0 || filled.open.has(field)) return faults;
    return [
      ...surprises(metric[field]!, `${path}.${field}`),
      ...surprisesOfSource(filled, member, field, given.length === 1, `${path}.${field}`),
    ];
  });
}

function broken({ metric, open }: FilledMetric, field: (typeof FIELDS)[number], path: string): Finding[] {
  if (open.has(field)) return [];
  const fault = checkCondition(metric[field]!);
  if (fault === undefined) return [];
  const [what = '', ...excerpt] = fault.formatted.split('\n');
  // YAML takes a # after a blank for a comment, and the rest of the condition is gone.
  const isCut = /^unexpected token EOF/u.test(what) && /[,({|&]\s*$/u.test(metric[field]!);
  const fix = isCut ? 'put the condition in quotes: a # after a blank begins a comment in YAML' : undefined;
  const finding = error(`${path}.${field}`, `every measurement ends in Error: ${what}`, fix);
  return [excerpt.length === 0 ? finding : { ...finding, excerpt: excerpt.join('\n') }];
}

function surprises(condition: string, path: string): Finding[] {
  const findings: Finding[] = [];
  const ignoring = /\b(default|isNil)\s*\(\s*(?!result\s*[,)])([^,)]*)/u.exec(condition);
  if (ignoring !== null) {
    const [, name, argument] = ignoring as unknown as [string, string, string];
    const meant = argument.trim();
    findings.push(
      warning(
        path,
        `${name}() ignores its first argument and looks at the whole result: ${name}(${meant}…) is not about ${meant}`,
        name === 'default' ? `${meant} ?? …` : `${meant} == nil`,
      ),
    );
  }
  if (!/\bresult\b/u.test(condition))
    findings.push(warning(path, 'does not look at result: every measurement is the same'));
  return findings;
}

type Shape = 'list' | 'perhaps a list' | 'number' | 'other';

function surprisesOfSource(
  { metric, open }: FilledMetric,
  member: string,
  field: (typeof FIELDS)[number],
  isAlone: boolean,
  path: string,
): Finding[] {
  const condition = metric[field]!;
  const block = (metric.provider as Record<string, Record<string, unknown>>)[member] ?? {};
  const query =
    typeof block['query'] === 'string' && !open.has(`provider.${member}.query`) ? block['query'] : undefined;
  const shape = shapeOf(member, block, query);
  const findings = wrongShape(condition, shape, path);
  if (findings.length > 0) return findings;
  const mayBeEmpty = member === 'prometheus' && shape !== 'number';
  return [
    ...(mayBeEmpty ? emptyList(condition, field, path) : []),
    ...(member === 'prometheus' && isAlone ? notANumber(condition, field, query, path) : []),
    ...(member === 'datadog' ? nothingFromDatadog(condition, path) : []),
  ];
}

/** What a source answers with, as far as its block tells. */
function shapeOf(member: string, block: Readonly<Record<string, unknown>>, query: string | undefined): Shape {
  if (member === 'graphite') return 'list';
  if (member === 'formula') return 'number';
  if (member !== 'prometheus') return 'other';
  if (block['rangeQuery'] !== undefined) return 'list';
  if (query === undefined) return 'other';
  return /^\s*(scalar\s*\(|time\s*\(\s*\)|[0-9.]+\s*$)/u.test(query) ? 'number' : 'perhaps a list';
}

function wrongShape(condition: string, shape: Shape, path: string): Finding[] {
  if (shape === 'other') return [];
  const sample: Result = shape === 'number' ? { type: 'float64', value: 1 } : { type: '[]float64', value: [1] };
  const fault = checkCondition(condition, sample.type);
  if (fault === undefined) return noBoolean(condition, sample, path);
  if (shape === 'number')
    return [warning(path, `the query answers with one number: ${fault.message}`, 'use result itself')];
  const message = `the query answers with a list, even of one value: ${fault.message}`;
  const fix = 'use result[0], or all(result, # …)';
  return [
    shape === 'list' ? error(path, message, fix) : warning(path, message, `${fix}; or wrap the query in scalar()`),
  ];
}

/** The type of what a condition yields does not hang on the value that is looked at. */
function noBoolean(condition: string, sample: Result, path: string): Finding[] {
  const outcome = evaluateCondition(condition, sample, 0);
  if (outcome.ok || outcome.error.stage !== 'output') return [];
  return [error(path, `every measurement ends in Error: ${outcome.error.message}`, 'compare it with something')];
}

function emptyList(condition: string, field: string, path: string): Finding[] {
  const isGuarded = /\blen\s*\(\s*result\s*\)|\bcount\s*\(\s*result\b/u.test(condition);
  if (isGuarded) return [];
  if (/\bresult\s*\[|\b(first|last|min|max|mean|median)\s*\(\s*result\b/u.test(condition)) {
    const message = 'no data is an empty list, and this ends in Error for it; five in a row end the run in Error';
    return [warning(path, message, `say what no data means: len(result) > 0 && …, or len(result) == 0 || …`)];
  }
  const always = /\b(all|none)\s*\(\s*result\b/u.exec(condition);
  if (always === null) return [];
  const outcome = field === 'successCondition' ? 'Successful' : 'Failed';
  const message = `${always[1]}() is true of an empty list: no data is ${outcome}`;
  return [warning(path, message, 'len(result) > 0 && …')];
}

function notANumber(condition: string, field: string, query: string | undefined, path: string): Finding[] {
  if (query === undefined || !query.includes('/') || condition.includes('isNaN')) return [];
  const outcome = field === 'failureCondition' ? 'Successful' : 'Failed';
  const message = `without traffic the division yields NaN, which every comparison is false of: the measurement is ${outcome}`;
  return [warning(path, message, 'say what NaN means: isNaN(result[0]) || …')];
}

function nothingFromDatadog(condition: string, path: string): Finding[] {
  if (/\bdefault\s*\(|\bisNil\s*\(|\?\?|\bnil\b/u.test(condition)) return [];
  const message = 'no data is nil, and a comparison with nil ends in Error';
  return [warning(path, message, 'default(result, 0) with what no data means')];
}
