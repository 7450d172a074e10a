import { RE2JS, RE2JSException } from 're2js';

/** Patterns compiled of late, for those that are made while running. */
const RECENT_LIMIT = 100;
const recent = new Map<string, Regex | string>();

/** A pattern in Go's syntax that is searched for anywhere in a text, in time linear in the text. */
export interface Regex {
  /** About the number of steps a character takes at worst. */
  readonly size: number;
  test(text: string): boolean;
}

/** The pattern, or Go's message why it is none. */
export function compileRegex(pattern: string): Regex | string {
  let regex = recent.get(pattern);
  if (regex === undefined) {
    regex = compile(pattern);
    if (recent.size >= RECENT_LIMIT) recent.delete(recent.keys().next().value!);
    recent.set(pattern, regex);
  }
  return regex;
}

function compile(pattern: string): Regex | string {
  try {
    const compiled = RE2JS.compile(pattern);
    // Go reads a byte that is no UTF-8 as the replacement character.
    return { size: compiled.programSize(), test: (text) => compiled.matcher(text.toWellFormed()).find() };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    if (error.message.includes('duplicate capture group name')) return withDistinctNames(pattern);
    return inGoWords(error.message, pattern);
  }
}

const GROUP_NAME = /(?<=(?<!\\)(?:\\\\)*\(\?P?<)[A-Za-z0-9_]+(?=>)/g;
const SUFFIX = 'zqx';

/** Go lets groups share a name, RE2JS does not. Nobody asks for groups here, so names may be anything. */
function withDistinctNames(pattern: string): Regex | string {
  let count = 0;
  const distinct = pattern.replace(GROUP_NAME, (name) => `${name}${SUFFIX}${count++}${SUFFIX}`);
  if (count === 0 || pattern.includes(SUFFIX))
    return `error parsing regexp: duplicate capture group name: \`${pattern}\``;
  const regex = compile(distinct);
  return typeof regex === 'string' ? regex.replaceAll(new RegExp(`${SUFFIX}[0-9]+${SUFFIX}`, 'g'), '') : regex;
}

/** Where RE2JS quotes nothing, Go quotes the whole of a pattern that is too much, and nothing of one that ends early. */
function inGoWords(message: string, pattern: string): string {
  if (message.includes('`')) return message;
  return message.includes('too') ? `${message}: \`${pattern}\`` : `${message}: \`\``;
}
