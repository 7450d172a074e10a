import { isIP } from 'node:net';

/** `[::1]:8090` → host and port; undefined when it is neither. */
export function parseListen(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/u.exec(text);
  if (match === null || Number(match[3]) > 65_535) return undefined;
  if (match[1] !== undefined && isIP(match[1]) !== 6) return undefined;
  return { host: match[1] ?? match[2]!, port: Number(match[3]) };
}
