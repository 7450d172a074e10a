/** An address as it may be shown: up to the last `@`, since a password may hold one. Works on any text: what is shown may be no address at all. */
export function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/u, '//*****@');
}
