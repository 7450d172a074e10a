import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '../engine/ports.ts';

// The names Kubernetes gives to namespaces, Secrets and their keys. None of them has a slash, and the first two no leading dot, so that no name leads out of the folder.
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
// What a Secret may hold in a cluster.
const MAX_BYTES = 1024 * 1024;
// A mounted Secret that is updated just now has its old files taken away; the next look finds the new ones.
const LOOKS = 3;

/**
 * Secrets as Kubernetes mounts them: `folder/<namespace>/<name>/<key>`, one file per key, its bytes are the value. A mount keeps its files in a folder that
 * `..data` points to and exchanges that link when the Secret changes: all keys are read from one such folder, so that none is old and another new.
 * Throws an Error for what is there and cannot be read; it names the Secret, never a value.
 */
export function directorySecrets(folder: string): Secrets {
  return {
    async read(namespace, name) {
      if (!NAME.test(namespace) || !NAME.test(name)) return undefined;
      const secret = `${namespace}/${name}`;
      for (let look = 1; ; look += 1) {
        try {
          return await readKeys(join(folder, namespace, name), secret);
        } catch (error) {
          if (codeOf(error) === 'ENOENT' && look < LOOKS) continue;
          throw problemOf(error, secret);
        }
      }
    },
  };
}

async function readKeys(mount: string, secret: string): Promise<Record<string, string> | undefined> {
  if (!(await exists(mount))) return undefined;
  const data = join(mount, '..data');
  const place = (await exists(data)) ? await realpath(data) : mount;
  const values: Record<string, string> = {};
  let bytes = 0;
  for (const key of (await readdir(place)).toSorted()) {
    if (key.startsWith('..') || !KEY.test(key)) continue;
    const file = join(place, key);
    const facts = await stat(file);
    if (!facts.isFile()) continue;
    bytes += facts.size;
    if (bytes > MAX_BYTES) throw new Error(`Secret "${secret}" is larger than 1 MiB, at key "${key}"`);
    values[key] = await readFile(file, 'utf8').catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') throw cause;
      throw new Error(
        `cannot read key "${key}" of Secret "${secret}" (${codeOf(cause)}): let this user read the file`,
        { cause },
      );
    });
  }
  return values;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function problemOf(error: unknown, secret: string): Error {
  const code = codeOf(error);
  if (code === undefined) return error as Error;
  return new Error(`cannot read Secret "${secret}" (${code}): it must be a folder of files that this user may read`, {
    cause: error,
  });
}
