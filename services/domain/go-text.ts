/**
 * Go's ways of writing text, where Argo's behaviour shows them: strconv.Quote in messages and for templated values, encoding/json for the text that a
 * metric is templated in.
 */

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

// What strconv.IsPrint lets through: letters, marks, numbers, punctuation, symbols and the ASCII space.
const NEEDS_ESCAPE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The inside of a Go string literal. */
export function goEscape(text: string): string {
  return text.replace(NEEDS_ESCAPE, (character) => {
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0) as number;
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
    // A lone surrogate is no character in Go: decoding already made it U+FFFD.
    if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
}

/** A Go string literal (`%q`). */
export function goQuote(text: string): string {
  return `"${goEscape(text)}"`;
}

/** A JSON string as encoding/json writes it: `<`, `>`, `&` and the line separators escaped. */
export function goJsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${hex(character.charCodeAt(0), 4)}`,
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
