import { Failure, MEMORY_EXCEEDED } from '../failure.ts';
import { toInt } from '../go/arithmetic.ts';
import { STRING_LIST } from '../go/go-type.ts';
import { byteLength, byteOffset, fromBytes, isAscii, isSpace, toBytes } from '../go/text.ts';
import type { Run } from '../run.ts';
import { asString, type GoValue, NIL_STRINGS, TypedList, typeName } from '../value.ts';
import type { Implementation } from './implementation.ts';

const REPEAT_LIMIT = 1_000_000n;

/** Takes the strings of the arguments and pays for looking through the first. */
function texts(args: readonly GoValue[], run: Run): string[] {
  const strings = args.map(asString);
  run.step((strings[0]?.length ?? 0) >> 4);
  return strings;
}

function trimSet(text: string, inSet: (character: string) => boolean): string {
  let from = 0;
  let to = text.length;
  for (let next = characterAt(text, from); from < to && inSet(next); next = characterAt(text, from))
    from += next.length;
  for (let last = characterBefore(text, to); from < to && inSet(last); last = characterBefore(text, to))
    to -= last.length;
  return text.slice(from, to);
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

function characterBefore(text: string, to: number): string {
  const pair = text.slice(Math.max(0, to - 2), to);
  return pair.length === 2 && pair.codePointAt(0)! > 0xffff ? pair : pair.slice(-1);
}

const trim: Implementation = (args, run) => {
  const [text, set] = texts(args, run) as [string, string?];
  run.step(text.length);
  if (set === undefined) return trimSet(text, isSpace);
  const members = new Set(set);
  return trimSet(text, (character) => members.has(character));
};

/** Simple case mapping, one code point to one: `ß` stays. */
function mapCase(
  text: string,
  change: (character: string) => string,
  special: (code: number) => number | undefined,
): string {
  let mapped = '';
  if (isAscii(text)) return change(text);
  for (const character of text) {
    const code = special(character.codePointAt(0)!);
    const changed = code === undefined ? change(character) : String.fromCodePoint(code);
    const isOne = changed.length === (changed.codePointAt(0)! > 0xffff ? 2 : 1);
    mapped += isOne ? changed : character;
  }
  return mapped;
}

/** Greek letters with iota below have a capital of one code point, which JavaScript's full mapping splits. */
function capitalWithIota(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8;
  return { 8115: 0x1fbc, 8131: 0x1fcc, 8179: 0x1ffc }[code];
}

const upper: Implementation = (args, run) => {
  const [text] = texts(args, run) as [string];
  run.step(text.length * 4);
  return mapCase(text, (character) => character.toUpperCase(), capitalWithIota);
};

const lower: Implementation = (args, run) => {
  const [text] = texts(args, run) as [string];
  run.step(text.length * 4);
  // The Turkish capital I with a dot becomes a plain i.
  return mapCase(
    text,
    (character) => character.toLowerCase(),
    (code) => (code === 0x130 ? 0x69 : undefined),
  );
};

/** Go's `SplitN` and `SplitAfterN`: at most `count` pieces if it is positive, none if it is 0. */
const split =
  (keepSeparator: boolean): Implementation =>
  (args, run) => {
    const [text, separator] = texts(args.slice(0, 2), run) as [string, string];
    const count = args[2] === undefined ? -1 : Number(toInt(args[2]));
    if (count === 0) return NIL_STRINGS;
    run.step(text.length);
    const all = separator === '' ? [...text] : text.split(separator);
    run.allocateUncounted(all.length);
    const isCut = count > 0 && all.length > count;
    const pieces = isCut ? [...all.slice(0, count - 1), all.slice(count - 1).join(separator)] : all;
    if (keepSeparator) for (let i = 0; i < pieces.length - 1; i++) pieces[i] += separator;
    return new TypedList(STRING_LIST, pieces);
  };

const replace: Implementation = (args, run) => {
  const [text, old, replacement] = texts(args.slice(0, 3), run) as [string, string, string];
  const limit = args[3] === undefined ? -1 : Number(toInt(args[3]));
  if (limit === 0 || old === replacement) return text;
  run.step(text.length);
  const pieces = old === '' ? ['', ...text, ''] : text.split(old);
  const replaced = limit < 0 ? pieces.length - 1 : Math.min(limit, pieces.length - 1);
  run.allocateUncounted((text.length + replaced * replacement.length) >> 4);
  if (replaced * replacement.length > 2 ** 24) throw new Failure(MEMORY_EXCEEDED);
  return (
    pieces.slice(0, replaced + 1).join(replacement) +
    pieces
      .slice(replaced + 1)
      .map((piece) => old + piece)
      .join('')
  );
};

const repeat: Implementation = ([value, times], run) => {
  const text = asString(value!);
  const count = toInt(times!);
  if (count < 0n) throw new Failure(`invalid argument for repeat (expected positive integer, got ${count})`);
  if (count > REPEAT_LIMIT) throw new Failure(MEMORY_EXCEEDED);
  run.allocate(byteLength(text) * Number(count));
  return text.repeat(Number(count));
};

const join: Implementation = ([list, separator], run) => {
  const glue = separator === undefined ? '' : asString(separator);
  if (!Array.isArray(list) && !(list instanceof TypedList && list.type === STRING_LIST) && !isNilList(list!)) {
    throw new Failure(`invalid argument for join (type ${list === null ? '%!s(<nil>)' : typeName(list!)})`);
  }
  const items = Array.isArray(list) ? (list as readonly GoValue[]) : (list as TypedList).items;
  run.step(items.length);
  const pieces = items.map(asString);
  const length = pieces.reduce((sum, piece) => sum + piece.length, glue.length * pieces.length);
  if (length > 2 ** 24) throw new Failure(MEMORY_EXCEEDED);
  run.allocateUncounted(length >> 4);
  return pieces.join(glue);
};

function isNilList(value: GoValue): boolean {
  return value instanceof TypedList && value.isNil;
}

const BASE64 = /^[A-Za-z0-9+/]$/;

/** Go's standard decoder: with padding, line ends ignored; the error names the first byte that does not fit. */
function decodeBase64(text: string): string {
  const corrupt = (at: number) => new Failure(`illegal base64 data at input byte ${at}`);
  let digits = '';
  let at = 0;
  const skipLines = () => {
    while (text[at] === '\r' || text[at] === '\n') at += 1;
  };
  for (;;) {
    skipLines();
    if (at >= text.length) {
      if (digits.length % 4 !== 0) throw corrupt(byteOffset(text, at) - (digits.length % 4));
      break;
    }
    const character = text[at]!;
    if (BASE64.test(character)) {
      digits += character;
      at += 1;
      continue;
    }
    const place = digits.length % 4;
    if (character !== '=' || place < 2) throw corrupt(byteOffset(text, at));
    const padding = at;
    at += 1;
    skipLines();
    if (place === 2) {
      if (at >= text.length) throw corrupt(byteLength(text));
      if (text[at] !== '=') throw corrupt(byteOffset(text, at));
      at += 1;
      skipLines();
    }
    if (at < text.length) throw corrupt(byteOffset(text, at));
    digits += text.slice(padding, padding + 1).repeat(4 - place);
    break;
  }
  return fromBytes(Uint8Array.from(atob(digits), (character) => character.charCodeAt(0)));
}

function encodeBase64(text: string): string {
  let binary = '';
  for (const byte of toBytes(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const strings: Readonly<Record<string, Implementation>> = {
  trim,
  trimPrefix: (args, run) => {
    const [text, prefix = ' '] = texts(args, run) as [string, string?];
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  trimSuffix: (args, run) => {
    const [text, suffix = ' '] = texts(args, run) as [string, string?];
    return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
  },
  upper,
  lower,
  split: split(false),
  splitAfter: split(true),
  replace,
  repeat,
  join,
  indexOf: (args, run) => {
    const [text, part] = texts(args, run) as [string, string];
    return BigInt(byteOffset(text, text.indexOf(part)));
  },
  lastIndexOf: (args, run) => {
    const [text, part] = texts(args, run) as [string, string];
    return BigInt(byteOffset(text, text.lastIndexOf(part)));
  },
  hasPrefix: (args, run) => {
    const [text, prefix] = texts(args, run) as [string, string];
    return text.startsWith(prefix);
  },
  hasSuffix: (args, run) => {
    const [text, suffix] = texts(args, run) as [string, string];
    return text.endsWith(suffix);
  },
  toBase64: (args, run) => {
    const [text] = texts(args, run) as [string];
    run.step(text.length);
    return encodeBase64(text);
  },
  fromBase64: (args, run) => {
    const [text] = texts(args, run) as [string];
    run.step(text.length);
    return decodeBase64(text);
  },
};
