import { goQuote } from '../domain/go-text.ts';
import type { Argument } from '../domain/template.ts';

const OPEN = '{{';
const CLOSE = '}}';
// What Go's strings.TrimSpace trims; JavaScript's trim() differs in U+0085 and U+FEFF.
const BLANK = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_BLANKS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'g');

/** A text cut at its placeholders: `texts[0] {{tags[0]}} texts[1] …`. */
interface Placeholders {
  readonly texts: readonly string[];
  readonly tags: readonly string[];
}

/**
 * Replaces each placeholder, from `{{` to the nearest `}}`, by what `lookUp` says of the trimmed text between. Throws Error: for a missing closer before
 * anything is replaced, and for unknown names the last one in the text, as Argo reports it.
 */
export function fillPlaceholders(template: string, lookUp: (name: string) => string | undefined): string {
  return filled(findPlaceholders(template), lookUp);
}

/**
 * Fills `{{args.NAME}}`. Every argument needs a value, used or not; of two with one name the later counts. `write` puts a value into the text, for
 * texts in which some characters must be escaped.
 */
export function fillArguments(
  template: string,
  args: readonly Argument[],
  write: (value: string) => string = (value) => value,
): string {
  const placeholders = findPlaceholders(template);
  const values = new Map<string, string>();
  for (const { name, value } of args) {
    if (typeof value !== 'string') throw new Error(`argument "${name}" was not supplied`);
    values.set(`args.${name}`, value);
  }
  return filled(placeholders, (name) => {
    const value = values.get(name);
    return value === undefined ? undefined : write(value);
  });
}

function findPlaceholders(template: string): Placeholders {
  const texts: string[] = [];
  const tags: string[] = [];
  let at = 0;
  for (let open = template.indexOf(OPEN); open >= 0; open = template.indexOf(OPEN, at)) {
    const close = template.indexOf(CLOSE, open + OPEN.length);
    if (close < 0) {
      const rest = template.slice(open + OPEN.length);
      throw new Error(`Cannot find end tag="}}" in the template=${goQuote(template)} starting from ${goQuote(rest)}`);
    }
    texts.push(template.slice(at, open));
    tags.push(template.slice(open + OPEN.length, close));
    at = close + CLOSE.length;
  }
  texts.push(template.slice(at));
  return { texts, tags };
}

function filled({ texts, tags }: Placeholders, lookUp: (name: string) => string | undefined): string {
  let unresolved: string | undefined;
  const values = tags.map((tag) => {
    const value = lookUp(tag.replace(OUTER_BLANKS, ''));
    if (value === undefined) unresolved = tag;
    return value ?? '';
  });
  if (unresolved !== undefined) throw new Error(`failed to resolve {{${unresolved}}}`);
  return texts.reduce((text, next, index) => text + values[index - 1] + next);
}
