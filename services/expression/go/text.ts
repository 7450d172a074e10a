// Go's strings are bytes and need not be UTF-8: slices cut characters apart, base64 yields anything. Here a string is a
// JavaScript string in which each byte that belongs to no valid UTF-8 sequence stands as a lone surrogate U+DC80..U+DCFF
// (as Python's surrogateescape does). The mapping is one to one, so lengths, order and equality come out as in Go.

const ESCAPED_BYTE = /[\uDC80-\uDCFF]/;
const NOT_ASCII = /[^\x00-\x7F]/;

export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/** Text from outside: Go replaces surrogates that have no partner when it decodes them. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

export function toBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}

export function fromBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(String.fromCharCode(0xdc00 + bytes[at]!));
      at += 1;
      continue;
    }
    let code = length === 1 ? bytes[at]! : bytes[at]! & (0x7f >> length);
    for (let next = 1; next < length; next++) code = (code << 6) | (bytes[at + next]! & 0x3f);
    parts.push(String.fromCodePoint(code));
    at += length;
  }
  return parts.join('');
}

/** Bytes of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || byte < 0x80 || byte > 0xbf) return 0;
  }
  const second = bytes[at + 1]!;
  const overlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const outside = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  return overlong || outside ? 0 : length;
}

export function byteLength(text: string): number {
  if (isAscii(text)) return text.length;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const size = byteSize(text.charCodeAt(at));
    if (size === 4) at += 1;
    length += size;
  }
  return length;
}

/** Code points, each stray byte counting as one. */
export function runeCount(text: string): number {
  if (isAscii(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function sliceBytes(text: string, from: number, to: number): string {
  if (isAscii(text)) return text.slice(from, to);
  const start = locate(text, from);
  const end = locate(text, to);
  if (start.at === end.at) return fromBytes(toBytes(characterAt(text, start.at)).subarray(start.within, end.within));
  const first = characterAt(text, start.at);
  const head = start.within === 0 ? first : fromBytes(toBytes(first).subarray(start.within));
  const tail = fromBytes(toBytes(characterAt(text, end.at)).subarray(0, end.within));
  return head + text.slice(start.at + first.length, end.at) + tail;
}

export function byteAt(text: string, index: number): number {
  if (isAscii(text)) return text.charCodeAt(index);
  const { at, within } = locate(text, index);
  return toBytes(characterAt(text, at))[within]!;
}

/** The character that a byte offset lies in, and how far. */
function locate(text: string, byte: number): { readonly at: number; readonly within: number } {
  let at = 0;
  let left = byte;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    const size = byteSize(unit);
    if (left < size) break;
    left -= size;
    at += size === 4 ? 2 : 1;
  }
  return { at, within: left };
}

/** Bytes of the character that begins with this unit. */
function byteSize(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xd800 && unit <= 0xdbff) return 4;
  return unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3;
}

function characterAt(text: string, at: number): string {
  return byteSize(text.charCodeAt(at)) === 4 ? text.slice(at, at + 2) : text.slice(at, at + 1);
}

/** Joins two strings; halves of one character that meet become that character. */
export function concat(left: string, right: string): string {
  const next = right.charCodeAt(0);
  // Only then is the end of the left string looked at: engines put off joining, and looking makes them do it.
  if (!(next >= 0xdc80 && next <= 0xdcff)) return left + right;
  const meet = left.charCodeAt(left.length - 1);
  return meet >= 0xdc80 && meet <= 0xdcff ? fromBytes(toBytes(left + right)) : left + right;
}

/** Byte order, which for valid text is code point order. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (ESCAPED_BYTE.test(left) || ESCAPED_BYTE.test(right)) return compareEscaped(left, right);
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return inCodePointOrder(a) - inCodePointOrder(b);
  }
  return left.length - right.length;
}

/** UTF-16 puts surrogates below U+E000; code points put what they stand for above. */
function inCodePointOrder(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function compareEscaped(left: string, right: string): number {
  if (!/[\uD800-\uDFFF]/.test(left + right)) return 0;
  const a = toBytes(left);
  const b = toBytes(right);
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return a.length - b.length;
}

/** The byte offset of the UTF-16 offset `at`. */
export function byteOffset(text: string, at: number): number {
  return at <= 0 ? at : byteLength(text.slice(0, at));
}

const WORD = /^[\p{L}_$]/u;
const WORD_PART = /^[\p{L}\p{Nd}_$]/u;

export function isLetter(character: string): boolean {
  return WORD.test(character);
}

export function isLetterOrDigit(character: string): boolean {
  return WORD_PART.test(character);
}

/** Go's `unicode.IsSpace`: unlike JavaScript with U+0085 and without U+FEFF. */
export function isSpace(character: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/.test(character);
}

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

export function isPrintable(character: string): boolean {
  return PRINTABLE.test(character);
}

/** Go's `strconv.Quote`, with another quote where Go quotes a character. */
export function quote(text: string, mark = '"'): string {
  let quoted = mark;
  for (const character of text) quoted += character === mark ? `\\${mark}` : quoteCharacter(character);
  return quoted + mark;
}

function quoteCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
