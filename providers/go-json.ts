import type { Json } from '../services/domain/result.ts';

/**
 * JSON as Go's encoding/json decodes it into `any`, with its error texts (`invalid character '<' looking for beginning of value`): providers quote
 * them, and the web provider takes what this refuses as plain text.
 */

/** Throws JsonError for what Go refuses: everything JSON.parse refuses, and numbers beyond float64. */
export function decodeJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return new Scanner(Buffer.from(text)).refuse();
  }
  if (MAYBE_TOO_LARGE.test(text)) refuseInfinity(value, text);
  return value;
}

/** What is wrong with a text; the message is Go's. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/** Go's name for the JSON type of a value, as in `cannot unmarshal object into …`. */
export function jsonType(value: Json): 'null' | 'bool' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' ? 'bool' : (type as 'number' | 'string' | 'object');
}

// A number needs a three-digit exponent or over 300 digits to leave float64.
const MAYBE_TOO_LARGE = /[eE]\+?0*[1-9]\d{2}|\d{300}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const STRING = /"(?:[^"\\]|\\.)*"/g;

function refuseInfinity(value: Json, text: string): void {
  if (!holdsInfinity(value)) return;
  const literal = [...text.replace(STRING, '""').matchAll(NUMBER)].find(([number]) => !Number.isFinite(Number(number)));
  throw new JsonError(`json: cannot unmarshal number ${literal?.[0]} into Go value of type float64`);
}

function holdsInfinity(value: Json): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some(holdsInfinity);
}

/** Reads a text that JSON.parse refused, to say where and how Go's scanner stops. It reads bytes: a message names the byte it met. */
class Scanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Throws JsonError. */
  refuse(): never {
    const open: ('{' | '[')[] = [];
    for (;;) {
      this.#skipSpace();
      const first = this.#byte();
      if (first === '{' || first === '[') {
        open.push(first);
        if (open.length > MAX_DEPTH) throw new JsonError('exceeded max depth');
        this.#at += 1;
        this.#skipSpace();
        if (this.#byte() !== closing(first)) {
          if (first === '{') this.#key();
          continue;
        }
      } else this.#scalar();
      this.#close(open);
      this.#at += 1;
      this.#skipSpace();
      if (open.at(-1) === '{') this.#key();
    }
  }

  /** After a complete value: closes what closes, up to the comma before the next member or element. */
  #close(open: ('{' | '[')[]): void {
    for (;;) {
      this.#skipSpace();
      const container = open.at(-1);
      if (container === undefined) this.#refuse('after top-level value');
      if (this.#byte() === ',') return;
      if (this.#byte() !== closing(container))
        this.#refuse(container === '{' ? 'after object key:value pair' : 'after array element');
      open.pop();
      this.#at += 1;
    }
  }

  #key(): void {
    if (this.#byte() !== '"') this.#refuse('looking for beginning of object key string');
    this.#string();
    this.#skipSpace();
    if (this.#byte() !== ':') this.#refuse('after object key');
    this.#at += 1;
  }

  #scalar(): void {
    const first = this.#byte();
    if (first === '"') this.#string();
    else if (first === 't') this.#literal('true');
    else if (first === 'f') this.#literal('false');
    else if (first === 'n') this.#literal('null');
    else if (first === '-' || isDigit(first)) this.#number();
    else this.#refuse('looking for beginning of value');
  }

  #string(): void {
    for (this.#at += 1; this.#byte() !== '"'; this.#at += 1) {
      if (this.#byte() < ' ') this.#refuse('in string literal');
      if (this.#byte() !== '\\') continue;
      this.#at += 1;
      if (this.#byte() === 'u') this.#hexadecimal();
      else if (!/^["\\/bfnrt]$/.test(this.#byte())) this.#refuseWord('in string escape code');
    }
    this.#at += 1;
  }

  #hexadecimal(): void {
    for (let i = 0; i < 4; i += 1) {
      this.#at += 1;
      if (!/^[0-9a-fA-F]$/.test(this.#byte())) this.#refuseWord('in \\u hexadecimal character escape');
    }
  }

  #literal(word: string): void {
    for (const expected of word) {
      if (this.#byte() !== expected) this.#refuseWord(`in literal ${word} (expecting ${quoteByte(expected)})`);
      this.#at += 1;
    }
  }

  #number(): void {
    if (this.#byte() === '-') this.#at += 1;
    if (this.#byte() === '0') this.#at += 1;
    else this.#digits('in numeric literal');
    if (this.#byte() === '.') {
      this.#at += 1;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#byte() !== 'e' && this.#byte() !== 'E') return;
    this.#at += 1;
    if (this.#byte() === '+' || this.#byte() === '-') this.#at += 1;
    this.#digits('in exponent of numeric literal');
  }

  #digits(where: string): void {
    if (!isDigit(this.#byte())) this.#refuseWord(where);
    while (isDigit(this.#byte())) this.#at += 1;
  }

  /** Empty at the end. */
  #byte(): string {
    return this.#at < this.#bytes.length ? String.fromCharCode(this.#bytes[this.#at] as number) : '';
  }

  #skipSpace(): void {
    while (/^[ \t\r\n]$/.test(this.#byte())) this.#at += 1;
  }

  #refuse(where: string): never {
    if (this.#byte() === '') throw new JsonError('unexpected end of JSON input');
    throw new JsonError(`invalid character ${quoteByte(this.#byte())} ${where}`);
  }

  /** Go tells that the text has ended by feeding a blank, which a word, a number or an escape cannot take. */
  #refuseWord(where: string): never {
    throw new JsonError(`invalid character ${quoteByte(this.#byte() || ' ')} ${where}`);
  }
}

function closing(opening: '{' | '['): '}' | ']' {
  return opening === '{' ? '}' : ']';
}

const MAX_DEPTH = 10_000; // Go's limit of nesting

function isDigit(byte: string): boolean {
  return byte >= '0' && byte <= '9';
}

// Go shows the byte as if it were a character: the first byte of a byte order mark is 'ï'.
function quoteByte(byte: string): string {
  if (byte === "'") return "'\\''";
  if (byte === '"') return `'"'`;
  return `'${QUOTED_BYTES[byte] ?? printable(byte)}'`;
}

const QUOTED_BYTES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function printable(byte: string): string {
  const code = byte.charCodeAt(0);
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if ((code >= 0x80 && code <= 0xa0) || code === 0xad) return `\\u00${code.toString(16)}`;
  return byte;
}
