const LONGEST = 1_000;
// Characters that turn or hide text (bidi controls, zero width, controls without a meaning in a message): shown as what they are.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Text that came with a run, fit for any message: of bounded length, and with nothing in it that a reader cannot see. */
export function plainText(text: string, longest = LONGEST): string {
  return clipped(text, longest)
    .toWellFormed()
    .replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function clipped(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** The same on one line: for titles, subjects and headers. */
export function plainLine(text: string, longest?: number): string {
  return plainText(text.replace(/\s+/gu, ' ').trim(), longest);
}
