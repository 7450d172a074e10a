import { fromBytes, isLetterOrDigit, isPrintable, isSpace, quote } from './go/text.ts';
import { bytesOfLiteral, textOfLiteral } from './literal.ts';

export type TokenKind = 'Identifier' | 'Number' | 'String' | 'Bytes' | 'Operator' | 'Bracket' | 'EOF';

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** UTF-16 offset in the source. */
  readonly at: number;
  /** Only of kind `Bytes`. */
  readonly bytes?: Uint8Array;
}

/** What cannot be read as a token, and where. */
export class LexicalError {
  readonly message: string;
  readonly at: number;
  constructor(message: string, at: number) {
    this.message = message;
    this.at = at;
  }
}

/** A token as messages name it. */
export function describeToken(token: Token): string {
  return token.value === '' ? token.kind : `${token.kind}(${quote(token.value)})`;
}

/** Words that are no names, except behind a dot. */
export const WORD_OPERATORS: ReadonlySet<string> = new Set(
  'in or and not matches contains startsWith endsWith let if else'.split(' '),
);
const DIGITS: Readonly<Record<string, string>> = {
  '0x': '0123456789abcdefABCDEF_',
  '0o': '01234567_',
  '0b': '01_',
};

/**
 * Cuts a condition into tokens, one at a time. After an error every further call gives the same error; after the end of the
 * text, undefined.
 */
export class Lexer {
  readonly #text: string;
  #start = 0;
  #end = 0;
  #ended = false;
  #error: LexicalError | undefined;
  /** A token read ahead: `not` and the name after `#` come with their neighbour. */
  #pending: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | LexicalError | undefined {
    if (this.#error !== undefined) return this.#error;
    if (this.#pending !== undefined) {
      const token = this.#pending;
      this.#pending = undefined;
      return token;
    }
    if (this.#ended) return undefined;
    this.#skipSpaceAndComments();
    const token = this.#error === undefined ? this.#token() : undefined;
    return this.#error ?? token;
  }

  #skipSpaceAndComments(): void {
    const text = this.#text;
    for (;;) {
      const unit = text.charCodeAt(this.#end);
      if (unit === 32 || unit === 10 || unit === 9 || (unit > 127 && isSpace(text[this.#end]!))) this.#end += 1;
      else if (unit === 47 && text[this.#end + 1] === '/') {
        const newline = text.indexOf('\n', this.#end);
        this.#end = newline < 0 ? text.length : newline + 1;
      } else if (unit === 47 && text[this.#end + 1] === '*') {
        const close = text.indexOf('*/', this.#end + 2);
        if (close < 0) {
          this.#fail('unclosed comment', text.length);
          return;
        }
        this.#end = close + 2;
      } else if (unit >= 11 && unit <= 13) this.#end += 1;
      else break;
    }
    this.#start = this.#end;
  }

  #token(): Token | undefined {
    const text = this.#text;
    const character = this.#peek();
    if (character === '') {
      this.#ended = true;
      // The end is reported at the last character, so that the caret stands under text.
      return { kind: 'EOF', value: '', at: Math.max(0, text.length - (/[\uDC00-\uDFFF]$/.test(text) ? 2 : 1)) };
    }
    const after = text[this.#end + 1] ?? '';
    if (character === '"' || character === "'") return this.#string(character);
    if (character === '`') return this.#rawString();
    if ((character === 'b' || character === 'B') && (after === '"' || after === "'")) {
      this.#end += 1;
      return this.#string(after);
    }
    if (isDigit(character) || (character === '.' && isDigit(after))) return this.#number();
    if (isLetterOrDigit(character)) return this.#word();
    this.#end += character.length;
    switch (character) {
      case '(':
      case '[':
      case '{':
      case ')':
      case ']':
      case '}':
        return this.#emit('Bracket');
      case ',':
      case ';':
      case '%':
      case '+':
      case '-':
      case '^':
      case '/':
        return this.#emit('Operator');
      case '?':
        return this.#withSecond('.?');
      case '|':
        return this.#withSecond('|');
      case ':':
        return this.#withSecond(':');
      case '.':
        return this.#withSecond('.');
      case '&':
      case '!':
      case '=':
      case '*':
      case '<':
      case '>':
        return this.#withSecond('&=*');
      case '#':
        return this.#pointer();
      default:
        return this.#fail(`unrecognized character: ${describeCharacter(character)}`, this.#start);
    }
  }

  #withSecond(allowed: string): Token {
    if (allowed.includes(this.#text[this.#end] ?? '\0')) this.#end += 1;
    return this.#emit('Operator');
  }

  #word(): Token {
    this.#skipWord();
    const word = this.#text.slice(this.#start, this.#end);
    return this.#emit(WORD_OPERATORS.has(word) ? 'Operator' : 'Identifier');
  }

  #pointer(): Token {
    const operator = this.#withSecond('#');
    this.#skipWord();
    if (this.#end > this.#start) this.#pending = this.#emit('Identifier');
    return operator;
  }

  #skipWord(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#end);
      if (unit < 128 && isAsciiWordPart(unit)) {
        this.#end += 1;
        continue;
      }
      const next = unit < 128 ? '' : this.#peek();
      if (next === '' || !isLetterOrDigit(next)) return;
      this.#end += next.length;
    }
  }

  #number(): Token | undefined {
    const text = this.#text;
    // A dot may come first; what follows is read as a number of its own, a second dot included.
    if (text[this.#end] === '.') this.#end += 1;
    const prefix = text.slice(this.#end, this.#end + 2).toLowerCase();
    const prefixed = DIGITS[prefix];
    const digits = prefixed ?? '0123456789_';
    if (prefixed !== undefined) this.#end += 2;
    this.#skipDigits(digits);
    if (text[this.#end] === '.' && text[this.#end + 1] === '.') return this.#emit('Number');
    if (text[this.#end] === '.') {
      this.#end += 1;
      this.#skipDigits(digits);
    }
    if (text[this.#end] === 'e' || text[this.#end] === 'E') {
      this.#end += 1;
      if (text[this.#end] === '+' || text[this.#end] === '-') this.#end += 1;
      this.#skipDigits(digits);
    }
    const next = this.#peek();
    if (next === '' || !isLetterOrDigit(next)) return this.#emit('Number');
    const at = this.#end;
    this.#end += next.length;
    return this.#fail(`bad number syntax: ${quote(text.slice(this.#start, this.#end))}`, at);
  }

  #skipDigits(digits: string): void {
    while (this.#end < this.#text.length && digits.includes(this.#text[this.#end]!)) this.#end += 1;
  }

  /** The part of a string literal from its opening quote on; a `b` before it makes bytes. */
  #string(mark: string): Token | undefined {
    const text = this.#text;
    const isBytes = this.#end > this.#start;
    const opening = this.#end;
    this.#end += 1;
    for (let next = this.#peek(); next !== mark; next = this.#peek()) {
      if (next === '' || next === '\n') return this.#fail('literal not terminated', this.#end);
      this.#end += next.length;
      if (next === '\\' && !this.#escape(mark)) return undefined;
    }
    this.#end += 1;
    const literal = text.slice(opening, this.#end);
    const value = isBytes ? bytesOfLiteral(literal) : textOfLiteral(literal);
    if (value instanceof Error) return this.#fail(value.message, this.#end - 1);
    const at = this.#start;
    this.#start = this.#end;
    return typeof value === 'string'
      ? { kind: 'String', value, at }
      : { kind: 'Bytes', value: fromBytes(value), at, bytes: value };
  }

  /** Passes over what follows a backslash; false when it is no escape. */
  #escape(mark: string): boolean {
    const first = this.#peek();
    this.#end += first.length;
    if (first !== '' && (first === mark || 'abfnrtv\\'.includes(first))) return true;
    if (first >= '0' && first <= '7') return this.#escapeDigits(/[0-7]/, 2);
    if (first === 'x') return this.#escapeDigits(/[0-9a-fA-F]/, 2);
    if (first === 'U') return this.#escapeDigits(/[0-9a-fA-F]/, 8);
    if (first === 'u' && this.#text[this.#end] !== '{') return this.#escapeDigits(/[0-9a-fA-F]/, 4);
    if (first === 'u') {
      const braces = /^\{[0-9a-fA-F]{1,6}\}/.exec(this.#text.slice(this.#end, this.#end + 8));
      if (braces !== null) {
        this.#end += braces[0].length;
        return true;
      }
      const read = /^\{[0-9a-fA-F]{0,6}/.exec(this.#text.slice(this.#end, this.#end + 8))![0].length;
      this.#fail('invalid char escape', this.#end + read - 1);
      return false;
    }
    this.#fail('invalid char escape', this.#lastRead(first));
    return false;
  }

  #escapeDigits(digit: RegExp, count: number): boolean {
    for (let read = 0; read < count; read++) {
      const next = this.#peek();
      this.#end += next.length;
      if (!digit.test(next)) {
        this.#fail('invalid char escape', this.#lastRead(next));
        return false;
      }
    }
    return true;
  }

  #lastRead(character: string): number {
    return this.#end - character.length;
  }

  /** Between back quotes; two of them in a row stand for one. */
  #rawString(): Token | undefined {
    const text = this.#text;
    let close = text.indexOf('`', this.#end + 1);
    while (close >= 0 && text[close + 1] === '`') close = text.indexOf('`', close + 2);
    if (close < 0) {
      this.#end = text.length;
      return this.#fail('literal not terminated', text.length);
    }
    const value = text.slice(this.#start + 1, close).replaceAll('``', '`');
    const at = this.#start;
    this.#end = close + 1;
    this.#start = this.#end;
    return { kind: 'String', value, at };
  }

  #emit(kind: TokenKind): Token {
    const token: Token = { kind, value: this.#text.slice(this.#start, this.#end), at: this.#start };
    this.#start = this.#end;
    return token;
  }

  #fail(message: string, at: number): undefined {
    this.#error ??= new LexicalError(message, at);
  }

  /** The character ahead, whole; '' at the end. */
  #peek(): string {
    const unit = this.#text.charCodeAt(this.#end);
    if (unit >= 0xd800 && unit <= 0xdbff) return this.#text.slice(this.#end, this.#end + 2);
    return this.#text[this.#end] ?? '';
  }
}

/** Letters, digits, `_` and `$`. */
function isAsciiWordPart(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 36
  );
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** As Go's `%#U`. */
function describeCharacter(character: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable(character) ? `${code} '${character}'` : code;
}
