import type { Json } from '../services/domain/result.ts';
import { compareStrings, printValue } from './go-format.ts';
import { type Action, EXISTS, type Node, type Part } from './json-path-node.ts';

export { parseJsonPath } from './parse-json-path.ts';

type Filter = Extract<Node, { type: 'filter' }>;
type Slice = Extract<Node, { type: 'slice' }>;

/** What a path can yield: JSON, or an integer literal of the path itself (a bigint), which Go keeps apart from JSON's floats. */
export type PathValue = Json | bigint;

/**
 * All values that a template finds, those of its parts one after another. Throws PathError. The order of an object's members, random in Go, is that of
 * their names here.
 */
export function findValues(template: readonly Part[], data: Json): readonly PathValue[] {
  return new Evaluation().parts(template, data);
}

/** `values` is what had been found when it went wrong: a filter for existence is content with that. */
export class PathError extends Error {
  override readonly name = 'PathError';
  readonly values: readonly PathValue[];
  constructor(message: string, values: readonly PathValue[] = []) {
    super(message);
    this.values = values;
  }
}

/** One run over a template; it counts the `{range}` blocks that are open, since `{end}` is wrong outside of them. */
class Evaluation {
  #openRanges = 0;
  #mark: 'range' | 'end' | undefined;
  #blockInput: readonly PathValue[] = [];

  parts(template: readonly Part[], data: Json): readonly PathValue[] {
    return this.#block(template, 0, data).found;
  }

  /** Evaluates parts up to the `{end}` of the block; `next` is the part after it, undefined when the block has no end. */
  #block(template: readonly Part[], start: number, data: PathValue): Block {
    const found: PathValue[] = [];
    let at = start;
    while (at < template.length) {
      this.#blockInput = [data];
      const values = this.#node(template[at] as Part, this.#blockInput);
      at += 1;
      const mark = this.#mark;
      this.#mark = undefined;
      if (mark === 'end') return { found, next: at };
      if (mark !== 'range') {
        found.push(...values);
        continue;
      }
      this.#openRanges += 1;
      // Without a value the block is still gone through, for its end and for its errors.
      const blocks = (values.length > 0 ? values : [null]).map((value) => this.#block(template, at, value));
      if (values.length > 0) found.push(...blocks.flatMap((block) => block.found));
      this.#openRanges -= 1;
      // A block without end is gone through once more, as a part of what surrounds it.
      at = blocks.at(-1)?.next ?? at;
    }
    return { found, next: undefined };
  }

  #node(node: Node | Action, input: readonly PathValue[]): readonly PathValue[] {
    switch (node.type) {
      case 'action':
        return node.nodes.reduce<readonly PathValue[]>((values, inner) => this.#node(inner, values), input);
      case 'text':
        return [node.text];
      case 'literal':
        return input.map(() => node.value);
      case 'field':
        return field(node.name, input);
      case 'identifier':
        return this.#identifier(node.name, input);
      case 'slice':
        return slices(node, input);
      case 'filter':
        return this.#filter(node, input);
      case 'union':
        return this.#union(node.members, input);
      case 'wildcard':
        return input.flatMap(membersOf);
      case 'recursive':
        return containers(input);
    }
  }

  #union(members: readonly Action[], input: readonly PathValue[]): readonly PathValue[] {
    try {
      return members.flatMap((member) => this.#node(member, input));
    } catch (error) {
      throw error instanceof PathError ? new PathError(error.message, input) : error;
    }
  }

  #identifier(name: string, input: readonly PathValue[]): readonly PathValue[] {
    if (name === 'range') {
      this.#mark = 'range';
      return input;
    }
    if (name !== 'end') throw new PathError(`unrecognized identifier ${name}`, input);
    if (this.#openRanges === 0) throw new PathError('not in range, nothing to end');
    this.#mark = 'end';
    return [];
  }

  #filter(filter: Filter, input: readonly PathValue[]): readonly PathValue[] {
    const found: PathValue[] = [];
    for (const value of input) {
      if (!Array.isArray(value))
        throw new PathError(`${this.#shown(value, input)} is not array or slice and cannot be filtered`, input);
      for (const item of value as readonly Json[]) if (this.#passes(filter, item, input, found)) found.push(item);
    }
    return found;
  }

  /** Go has no value at all for a document, or an item of a range, that is null; within a document null is one. */
  #shown(value: PathValue, input: readonly PathValue[]): string {
    if (value === null && input === this.#blockInput) return '<invalid reflect.Value>';
    return typeof value === 'bigint' ? String(value) : printValue(value);
  }

  #passes(
    { left, operator, right }: Filter,
    item: Json,
    input: readonly PathValue[],
    found: readonly PathValue[],
  ): boolean {
    if (operator === EXISTS) return this.#exists(left, item);
    const [leftValue, ...moreLeft] = this.#side(left, item, input);
    if (leftValue === undefined) return false;
    if (moreLeft.length > 0) throw new PathError('can only compare one element at a time', input);
    const [rightValue, ...moreRight] = this.#side(right, item, input);
    if (rightValue === undefined) return false;
    if (moreRight.length > 0) throw new PathError('can only compare one element at a time', input);
    try {
      return compare(leftValue, operator, rightValue);
    } catch (error) {
      throw error instanceof PathError ? new PathError(error.message, found) : error;
    }
  }

  #exists(path: Action, item: Json): boolean {
    try {
      return this.#node(path, [item]).length > 0;
    } catch (error) {
      if (error instanceof PathError) return error.values.length > 0;
      throw error;
    }
  }

  #side(path: Action, item: Json, input: readonly PathValue[]): readonly PathValue[] {
    try {
      return this.#node(path, [item]);
    } catch (error) {
      throw error instanceof PathError ? new PathError(error.message, input) : error;
    }
  }
}

interface Block {
  readonly found: readonly PathValue[];
  readonly next: number | undefined;
}

function field(name: string, input: readonly PathValue[]): readonly PathValue[] {
  const found = input.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name] as Json] : []));
  if (found.length === 0 && input.length > 0) throw new PathError(`${name} is not found`);
  return found;
}

function slices(node: Slice, input: readonly PathValue[]): readonly Json[] {
  const found: Json[] = [];
  for (const value of input) {
    if (value === null) continue;
    const part = slice(node, value, input);
    if (part === undefined) return found; // an empty slice ends the walk there
    found.push(...part);
  }
  return found;
}

/** Undefined for a slice that asks for nothing. */
function slice(node: Slice, value: PathValue, input: readonly PathValue[]): readonly Json[] | undefined {
  if (!Array.isArray(value)) throw new PathError(`${goType(value)} is not array or slice`, input);
  const list = value as readonly Json[];
  const length = BigInt(list.length);
  let from = node.from.value ?? 0n;
  if (from < 0n) from += length;
  let to = node.to.value ?? length;
  if (to < 0n || (to === 0n && node.to.derived)) to += length;
  if (from === to) return undefined;
  if (from >= length || from < 0n) throw new PathError(outOfBounds(from, length), input);
  if (to > length || to < 0n) throw new PathError(outOfBounds(to - 1n, length), input);
  if (from > to) throw new PathError(`starting index ${from} is greater than ending index ${to}`, input);
  const step = node.step.value ?? 1n;
  if (step <= 0n) throw new PathError('step must be > 0', input);
  return list.slice(Number(from), Number(to)).filter((_, index) => BigInt(index) % step === 0n);
}

function outOfBounds(index: bigint, length: bigint): string {
  return `array index out of bounds: index ${index}, length ${length}`;
}

/** The elements of a list, the values of an object in the order of their names. */
function membersOf(value: PathValue): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  if (!isObject(value)) return [];
  return Object.keys(value)
    .sort(compareStrings)
    .map((name) => value[name] as Json);
}

/** Every list and object with something in it, from the top down: what `..` goes on from. */
function containers(input: readonly PathValue[]): readonly PathValue[] {
  return input.flatMap((value) => {
    const members = membersOf(value);
    return members.length === 0 ? [] : [value, ...containers(members)];
  });
}

/** Go's template comparison: no conversions, an integer literal is not comparable with JSON's floats. */
function compare(left: PathValue, operator: string, right: PathValue): boolean {
  switch (operator) {
    case '==':
      return order(left, right, true) === 0;
    case '!=':
      return order(left, right, true) !== 0;
    case '<':
      return order(left, right) < 0;
    case '<=':
      return order(left, right) <= 0;
    case '>':
      return order(left, right) > 0;
    case '>=':
      return order(left, right) >= 0;
    default:
      throw new PathError(`unrecognized filter operator ${operator}`);
  }
}

function order(left: PathValue, right: PathValue, forEquality = false): number {
  for (const value of [left, right])
    if (value === null || typeof value === 'object') throw new PathError('invalid type for comparison');
  if (typeof left !== typeof right) throw new PathError('incompatible types for comparison');
  if (typeof left === 'string') return compareStrings(left, right as string);
  if (typeof left === 'boolean' && !forEquality) throw new PathError('invalid type for comparison');
  if (left === right) return 0;
  return (left as number) < (right as number) ? -1 : 1;
}

function isObject(value: PathValue): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function goType(value: PathValue): string {
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return 'map[string]interface {}';
  }
}
