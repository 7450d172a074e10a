import { StoreError } from '../engine/ports.ts';

/** A failure of Redis. The message says what happened, to which Redis, and what would be right. */
export class RedisProblem extends StoreError {
  /** Whether only somebody who changes a setting can end it; else Redis may answer otherwise in a while. */
  readonly isLasting: boolean;
  constructor(message: string, isLasting: boolean, cause?: unknown) {
    super('unavailable', message, cause);
    this.isLasting = isLasting;
  }
}

interface Advice {
  readonly says: RegExp;
  readonly advice: string;
  readonly isLasting?: true;
}

/** What Redis, or the way to it, says in an error. */
const ADVICE: readonly Advice[] = [
  {
    says: /WRONGPASS|invalid username-password|NOAUTH|ERR AUTH/u,
    advice: 'refuses the password: set the right one in the URL, redis://USER:PASSWORD@HOST:PORT',
    isLasting: true,
  },
  {
    says: /NOPERM/u,
    advice: 'does not let this user do all that Assay needs: give it all commands on the keys with the prefix',
    isLasting: true,
  },
  { says: /READONLY/u, advice: 'is a read-only replica: name the primary', isLasting: true },
  {
    says: /MOVED|CROSSSLOT/u,
    advice: 'is a node of a Cluster, which it could not tell when Assay started: start Assay again',
    isLasting: true,
  },
  {
    says: /cluster support disabled/u,
    advice: 'is no Cluster: name one address, not several',
    isLasting: true,
  },
  {
    says: /CLUSTERDOWN|TRYAGAIN/u,
    advice: 'is a Cluster in which no node serves the keys at the moment; it goes on by itself once one does',
  },
  { says: /\bOOM\b/u, advice: 'is out of memory: raise maxmemory or remove runs; writing goes on by itself then' },
  { says: /MISCONF/u, advice: 'cannot write to its disk: free some space there; writing goes on by itself then' },
  { says: /LOADING/u, advice: 'still loads its data; it goes on by itself' },
  {
    says: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/u,
    advice: 'cannot be reached: start it, or set another address',
  },
  {
    says: /SSL|TLS|CERT|wrong version number/u,
    advice: 'cannot be spoken to over TLS: check scheme (rediss), port and certificate',
    isLasting: true,
  },
];

/** The address for logs and messages: without user and password. A password may hold `@` and `/`. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/.*@/u, '//');
}

/** An error of the client library as the store's. What the library says of a request, such as its arguments, is not in it. */
export function redisProblem(error: unknown, url: string): RedisProblem {
  if (error instanceof RedisProblem) return error;
  const { message, code = '' } = causeOf(error);
  const said = message || code || String(error);
  const found = ADVICE.find(({ says }) => says.test(`${said} ${code}`));
  const text = `Redis at ${shownUrl(url)} ${found?.advice ?? 'does not answer'} (${said})`;
  return new RedisProblem(text, found?.isLasting ?? false, error);
}

/** The client of a Cluster tells of the node that it asked last. */
function causeOf(error: unknown): NodeJS.ErrnoException {
  const { lastNodeError } = error as { readonly lastNodeError?: NodeJS.ErrnoException };
  return lastNodeError ?? (error as NodeJS.ErrnoException);
}
