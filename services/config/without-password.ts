/** An address as it may be shown. Works on any text: what is shown may be no address at all. */
export function withoutPassword(text: string): string {
  return text.replace(/\/\/[^@/]*@/u, '//*****@');
}
