import { StoreError } from '../engine/ports.ts';

/** Where a list goes on: at which revision it is read, and after which position. */
export interface Continuation {
  readonly revision: number;
  readonly after: string;
}

export function writeContinue({ revision, after }: Continuation): string {
  return Buffer.from(JSON.stringify([revision, after])).toString('base64url');
}

/** Throws StoreError `malformed`. */
export function readContinue(token: string): Continuation {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (cause) {
    throw new StoreError('malformed', 'the continue token is not one that a list gave', cause);
  }
  if (Array.isArray(read) && read.length === 2) {
    const [revision, after] = read as [unknown, unknown];
    if (Number.isSafeInteger(revision) && typeof after === 'string') return { revision: revision as number, after };
  }
  throw new StoreError('malformed', 'the continue token is not one that a list gave');
}
