import type { GoValue } from '../value.ts';
import { quote, wellFormed } from './text.ts';

type Parsed = { readonly ok: true; readonly value: GoValue } | { readonly ok: false; readonly message: string };

/** Go's limit. */
const MAX_DEPTH = 10_000;

const SURROGATE = /[\uD800-\uDFFF]|\\u[dD][89a-fA-F]/;

/** `json.Unmarshal` into `any`: numbers are float64. A failure is told in Go's words. */
export function parseJson(text: string): Parsed {
  const mistake = new JsonScanner(text).mistake();
  if (mistake !== undefined) return { ok: false, message: mistake };
  if (!SURROGATE.test(text)) return { ok: true, value: JSON.parse(text) as GoValue };
  // Stray bytes and surrogates without a partner become the replacement character, as in Go.
  const value = JSON.parse(text, (_, inner: unknown) =>
    typeof inner === 'string' ? wellFormed(inner) : inner,
  ) as GoValue;
  return { ok: true, value };
}

/** Checks a text against JSON's grammar and names the first character that does not fit, as Go does. */
class JsonScanner {
  readonly #text: string;
  #at = 0;
  #outOfRange: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  mistake(): string | undefined {
    return this.#document() ?? this.#outOfRange;
  }

  #document(): string | undefined {
    // Containers that are open, each with the closing character.
    const open: ('}' | ']')[] = [];
    for (;;) {
      const value = this.#value(open);
      if (value !== undefined) return value;
      // Behind a value: close what closes here.
      for (;;) {
        const after = this.#afterValue(open);
        if (after === 'end') return undefined;
        if (after === 'element') break;
        if (after !== 'closed') return after.mistake;
      }
    }
  }

  /** Passes over what begins a value; a container that is not empty stays open at its first element. */
  #value(open: ('}' | ']')[]): string | undefined {
    for (;;) {
      this.#skipSpace();
      const character = this.#text[this.#at];
      if (character === '"') return this.#string();
      if (character === '-' || (character !== undefined && character >= '0' && character <= '9')) return this.#number();
      if (character === 't') return this.#literal('true');
      if (character === 'f') return this.#literal('false');
      if (character === 'n') return this.#literal('null');
      if (character !== '{' && character !== '[') return this.#wrong('looking for beginning of value');
      if (open.length >= MAX_DEPTH) return 'exceeded max depth';
      this.#at += 1;
      this.#skipSpace();
      if (character === '[') {
        open.push(']');
        if (this.#text[this.#at] === ']') return undefined;
        continue;
      }
      open.push('}');
      if (this.#text[this.#at] === '}') return undefined;
      const key = this.#key('looking for beginning of object key string');
      if (key !== undefined) return key;
    }
  }

  #afterValue(open: ('}' | ']')[]): 'end' | 'element' | 'closed' | { readonly mistake: string } {
    this.#skipSpace();
    const character = this.#text[this.#at];
    const close = open[open.length - 1];
    if (close === undefined) return character === undefined ? 'end' : { mistake: this.#wrong('after top-level value') };
    if (character === close) {
      open.pop();
      this.#at += 1;
      return 'closed';
    }
    if (character !== ',') {
      return { mistake: this.#wrong(close === '}' ? 'after object key:value pair' : 'after array element') };
    }
    this.#at += 1;
    if (close === ']') return 'element';
    this.#skipSpace();
    const mistake = this.#key('looking for beginning of object key string');
    return mistake === undefined ? 'element' : { mistake };
  }

  #key(context: string): string | undefined {
    if (this.#text[this.#at] !== '"') return this.#wrong(context);
    const string = this.#string();
    if (string !== undefined) return string;
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') return this.#wrong('after object key');
    this.#at += 1;
    return undefined;
  }

  #string(): string | undefined {
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at += 1;
        return undefined;
      }
      if (character === undefined || character < ' ') return this.#wrong('in string literal');
      this.#at += 1;
      if (character !== '\\') continue;
      const escaped = this.#text[this.#at];
      if (escaped === undefined || !'bfnrtu\\/"'.includes(escaped)) return this.#wrongInside('in string escape code');
      this.#at += 1;
      if (escaped !== 'u') continue;
      for (let digit = 0; digit < 4; digit++, this.#at++) {
        if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
          return this.#wrongInside('in \\u hexadecimal character escape');
      }
    }
  }

  #number(): string | undefined {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at += 1;
    if (this.#text[this.#at] === '0') this.#at += 1;
    else if (!this.#digits()) return this.#wrongInside('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      if (!this.#digits()) return this.#wrongInside('after decimal point in numeric literal');
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at += 1;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at += 1;
      if (!this.#digits()) return this.#wrongInside('in exponent of numeric literal');
    }
    const number = this.#text.slice(start, this.#at);
    if (!Number.isFinite(Number(number))) {
      this.#outOfRange ??= `json: cannot unmarshal number ${number} into Go value of type float64`;
    }
    return undefined;
  }

  #digits(): boolean {
    const start = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at > start;
  }

  #literal(word: string): string | undefined {
    for (let index = 0; index < word.length; index++, this.#at++) {
      if (this.#text[this.#at] !== word[index])
        return this.#wrongInside(`in literal ${word} (expecting ${quote(word[index]!, "'")})`);
    }
    return undefined;
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  #wrong(context: string): string {
    return this.#text[this.#at] === undefined ? 'unexpected end of JSON input' : this.#wrongInside(context);
  }

  /** Where no space may stand, Go takes the end of the text for one. */
  #wrongInside(context: string): string {
    const character = this.#text[this.#at] ?? ' ';
    // Go looks at bytes: of a longer character it names the first.
    const code = character.charCodeAt(0);
    const byte = code < 0x80 ? character : String.fromCharCode(firstByte(this.#text.codePointAt(this.#at)!));
    return `invalid character ${byte === '"' ? "'\"'" : quote(byte, "'")} ${context}`;
  }
}

function firstByte(code: number): number {
  if (code >= 0xdc80 && code <= 0xdcff) return code - 0xdc00;
  if (code < 0x800) return 0xc0 | (code >> 6);
  return code < 0x10000 ? 0xe0 | (code >> 12) : 0xf0 | (code >> 18);
}
