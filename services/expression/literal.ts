const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/gu;

/** The text of a quoted literal whose escapes have been seen to be complete. Numeric escapes are code points. */
export function textOfLiteral(literal: string): string | Error {
  const body = lineFeeds(literal).slice(1, -1);
  if (!body.includes('\\')) return body;
  let error: Error | undefined;
  const text = body.replace(ESCAPE, (_, hex2, octal, braces, hex4, hex8, other) => {
    if (other !== undefined) return SIMPLE[other] ?? other;
    if (octal !== undefined && octal > '377') error ??= new Error('unable to unescape string');
    const code = octal === undefined ? Number.parseInt(hex2 ?? braces ?? hex4 ?? hex8, 16) : Number.parseInt(octal, 8);
    if (code > 0x10ffff) error ??= new Error('unable to unescape string');
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\uFFFD';
    return String.fromCodePoint(code);
  });
  return error ?? text;
}

/** The bytes of a quoted literal: `\x` and octal escapes are bytes, other characters their UTF-8. */
export function bytesOfLiteral(literal: string): Uint8Array | Error {
  const body = lineFeeds(literal).slice(1, -1);
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part, escaped, hex, octal] of body.matchAll(/\\(x([0-9a-fA-F]{2})|([0-7]{3})|[\s\S])|[^\\]+/gu)) {
    if (escaped === undefined) bytes.push(...encoder.encode(part));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined && octal <= '377') bytes.push(Number.parseInt(octal, 8));
    else if (octal !== undefined || escaped === 'u' || escaped === 'U') return new Error('unable to unescape string');
    else bytes.push((SIMPLE[escaped] ?? escaped).charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

function lineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
