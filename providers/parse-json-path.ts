import { type Action, type Bound, EXISTS, type Node, type Part } from './json-path-node.ts';

/**
 * Reads a JSONPath template in the dialect of kubectl (k8s.io/client-go/util/jsonpath), which differs from every other: quotes do not protect dots,
 * blanks count for nothing, and what stands outside braces is text. Throws Error with that library's words.
 */
export function parseJsonPath(template: string): readonly Part[] {
  return new Reader(template).template();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): readonly Part[] {
    const parts: Part[] = [];
    for (;;) {
      const open = this.#text.indexOf('{', this.#at);
      const end = open < 0 ? this.#text.length : open;
      if (end > this.#at) parts.push({ type: 'text', text: this.#text.slice(this.#at, end) });
      if (open < 0) return parts;
      this.#at = open + 1;
      parts.push(this.#action());
    }
  }

  #action(): Action {
    const nodes: Node[] = [];
    for (;;) {
      if (this.#takes('}')) return { type: 'action', nodes };
      if (this.#takes('[?(')) nodes.push(this.#filter());
      else if (this.#takes('..')) nodes.push(...this.#recursive(nodes));
      else nodes.push(...this.#node());
    }
  }

  #node(): readonly Node[] {
    const character = this.#next();
    switch (character) {
      case '':
      case '\n':
      case '\r':
        throw new Error('unclosed action');
      case ' ':
      case '@': // the current value is where every path starts anyway
      case '$':
        return [];
      case '[':
        return this.#brackets();
      case '"':
      case "'":
        return [{ type: 'text', text: this.#quoted(character) }];
      case '.':
        return [this.#field()];
      default:
        this.#at -= character.length;
        if (/^[+\-\p{Nd}]$/u.test(character)) return [{ type: 'literal', value: this.#number() }];
        if (isWord(character)) return [this.#identifier()];
        throw new Error(`unrecognized character in action: ${named(character)}`);
    }
  }

  #recursive(before: readonly Node[]): readonly Node[] {
    if (before.at(-1)?.type === 'recursive') throw new Error('invalid multiple recursive descent');
    const descent: Node = { type: 'recursive' };
    return isWord(this.#peek()) ? [descent, this.#field()] : [descent];
  }

  /** A name up to the next delimiter; a backslash takes the character after it into the name. */
  #field(): Node {
    const start = this.#at;
    while (!isDelimiter(this.#peek())) if (this.#next() === '\\') this.#next();
    const name = this.#text.slice(start, this.#at);
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
  }

  #identifier(): Node {
    const start = this.#at;
    while (!isDelimiter(this.#peek())) this.#next();
    const name = this.#text.slice(start, this.#at);
    if (name === 'true' || name === 'false') return { type: 'literal', value: name === 'true' };
    return { type: 'identifier', name };
  }

  #number(): number | bigint {
    const start = this.#at;
    if (/^[+-]$/.test(this.#peek())) this.#next();
    while (/^[.\p{Nd}]$/u.test(this.#peek())) this.#next();
    const text = this.#text.slice(start, this.#at);
    const integer = goInt(text);
    if (integer !== undefined) return integer;
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) && Number.isFinite(Number(text))) return Number(text);
    throw new Error(`cannot parse number ${text}`);
  }

  #quoted(quote: string): string {
    const start = this.#at - 1;
    for (;;) {
      const character = this.#next();
      if (character === '' || character === '\n') throw new Error('unterminated quoted string');
      if (character === quote && this.#text[this.#at - 2] !== '\\') break;
    }
    const text = this.#text.slice(start, this.#at);
    const unquoted = unquote(text.slice(1, -1), quote);
    if (unquoted === undefined) throw new Error(`unquote string ${text} error invalid syntax`);
    return unquoted;
  }

  /** `[…]`: an index, a slice, a quoted name, a wildcard, or several of them. Quotes do not protect a comma or a closing bracket. */
  #brackets(): readonly Node[] {
    const start = this.#at;
    for (;;) {
      const character = this.#next();
      if (character === '' || character === '\n') throw new Error('unterminated array');
      if (character === ']') break;
    }
    const inside = this.#text.slice(start, this.#at - 1);
    const members = inside.split(',');
    if (members.length > 1)
      return [{ type: 'union', members: members.map((member) => subAction(`[${member.replace(/^ +| +$/g, '')}]`)) }];
    const name = /^'([^']*)'$/.exec(inside)?.[1];
    if (name !== undefined) return subAction(`.${name}`).nodes;
    return [slice(inside === '*' ? ':' : inside)];
  }

  /** `[?(left operator right)]`, or `[?(path)]` for its existence. */
  #filter(): Node {
    const start = this.#at;
    // One quoted stretch may hold a closing parenthesis; which quote it is decides its first one.
    let quote: string | undefined;
    let isClosed = false;
    for (;;) {
      const character = this.#next();
      if (character === '' || character === '\n') throw new Error('unterminated filter');
      if (character === '"' || character === "'") {
        if (quote === undefined) quote = character;
        else if (character === quote && this.#text[this.#at - 2] !== '\\') isClosed = true;
      }
      if (character === ')' && isClosed === (quote !== undefined)) break;
    }
    const inside = this.#text.slice(start, this.#at - 1);
    if (this.#next() !== ']') throw new Error('unclosed array expect ]');
    const comparison = /^([^!<>=]+)([!<>=]+)([^\n]+)$/.exec(inside);
    if (comparison === null) return { type: 'filter', left: subAction(inside), operator: EXISTS, right: subAction('') };
    const [, left = '', operator = '', right = ''] = comparison;
    return { type: 'filter', left: subAction(left), operator, right: subAction(right) };
  }

  #takes(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  /** Empty at the end. */
  #peek(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #next(): string {
    const character = this.#peek();
    this.#at += character.length;
    return character;
  }
}

/** What stands in brackets or a filter is read like an action of its own; whatever follows its end is dropped. */
function subAction(text: string): Action {
  return parseJsonPath(`{${text}}`)[0] as Action;
}

function slice(text: string): Node {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null) throw new Error(`invalid array index ${text}`);
  const [, from = '', to, step] = match;
  const start = from === '' ? { value: undefined } : bound(from);
  return {
    type: 'slice',
    from: start,
    to: to === undefined ? { value: (start.value ?? 0n) + 1n, derived: true } : bound(to.slice(1)),
    step: step === undefined ? { value: undefined } : bound(step.slice(1)),
  };
}

function bound(text: string): Bound {
  if (text === '') return { value: undefined };
  const value = goInt(text);
  if (value === undefined) throw new Error(`array index ${text} is not a number`);
  return { value };
}

/** Go's strconv.Atoi. */
function goInt(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Go's escapes; undefined for one that does not exist. */
function unquote(text: string, quote: string): string | undefined {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    if (rest[0] === quote) return undefined;
    if (rest[0] !== '\\') {
      out += rest[0];
      at += 1;
      continue;
    }
    const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(rest);
    if (code !== null) {
      const [whole, hex, short, long, octal] = code;
      const point =
        octal === undefined ? Number.parseInt((hex ?? short ?? long) as string, 16) : Number.parseInt(octal, 8);
      if (point > 0x10ffff || (octal !== undefined && point > 255) || (point >= 0xd800 && point < 0xe000))
        return undefined;
      out += String.fromCodePoint(point);
      at += whole.length;
      continue;
    }
    const escaped = rest[1] === quote ? quote : ESCAPES[rest[1] ?? ''];
    if (escaped === undefined) return undefined;
    out += escaped;
    at += 2;
  }
  return out;
}

function isDelimiter(character: string): boolean {
  return character === '' || ' \t\r\n.,[]$@{}'.includes(character);
}

function isWord(character: string): boolean {
  return /^[_\p{L}\p{Nd}]$/u.test(character);
}

/** Go's %#U: `U+0023 '#'`. */
function named(character: string): string {
  const code = `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character) ? `${code} '${character}'` : code;
}
