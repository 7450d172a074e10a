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
    // Of a pattern that is too deep or too large as a whole, Go shows the whole.
    if (error instanceof RE2JSException)
      return error.message.includes('`') ? error.message : `${error.message}: \`${pattern}\``;
    throw error;
  }
}
