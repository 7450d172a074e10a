/** Browsers' and clients' header limits lie far above; Kubernetes cuts at the same sizes. */
const LONGEST_WARNING = 256;
const MOST_WARNING_CHARACTERS = 4096;

/** One `Warning` header a text; kubectl shows each on its own line. Header values are bytes, so UTF-8 goes in byte by byte. */
export function warningHeaders(texts: readonly string[]): string[] {
  const headers: string[] = [];
  let characters = 0;
  for (const text of new Set(texts)) {
    const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
    const short = line.length > LONGEST_WARNING ? `${line.slice(0, LONGEST_WARNING - 1)}…` : line;
    characters += short.length;
    if (characters > MOST_WARNING_CHARACTERS) {
      headers.push(`299 - "${new Set(texts).size - headers.length} more warnings left out"`);
      break;
    }
    const quoted = short.replaceAll(/["\\]/g, '\\$&');
    headers.push(`299 - "${asBytes(quoted)}"`);
  }
  return headers;
}

/** Each byte of the UTF-8 as a character. */
const asBytes = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
