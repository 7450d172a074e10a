import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where build-page.ts puts the page; git does not see it. */
export const BUILD_FOLDER = fileURLToPath(new URL('../../.cache/ui', import.meta.url));

/** One file of the built page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly tag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of the built page by name: read once, when the first is asked for. Asks again while there is no build. */
export function pageFiles(folder = BUILD_FOLDER): (name: string) => Promise<PageFile | undefined> {
  let reading: Promise<ReadonlyMap<string, PageFile>> | undefined;
  return async (name) => {
    reading ??= readBuild(folder);
    const files = await reading;
    if (files.size === 0) reading = undefined;
    return files.get(name);
  };
}

async function readBuild(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const served = names.filter((name) => extname(name) in TYPES);
  const files = served.map(async (name): Promise<[string, PageFile]> => {
    const [plain, gzipped] = await Promise.all([readFile(join(folder, name)), readFile(join(folder, `${name}.gz`))]);
    const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    return [name, { type: TYPES[extname(name)] ?? '', plain, gzipped, tag }];
  });
  return new Map(await Promise.all(files));
}
