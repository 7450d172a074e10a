import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import type { Resource } from '../../../services/domain/resource.ts';
import type { Store } from '../../../services/engine/ports.ts';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { storeConformance } from '../../conformance/store.ts';

const root = mkdtempSync(join(tmpdir(), 'assay-sqlite-'));
let folders = 0;
const newFolder = (): string => join(root, String(folders++), 'data');
const fileOf = (folder: string): string => join(folder, 'assay.db');
afterAll(() => rmSync(root, { recursive: true }));

storeConformance('the SQLite store', (options) => sqliteStore(newFolder(), options));

function runOf(name: string, text = ''): Resource {
  const document = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'default' },
  };
  return { ...document, spec: { text } } as Resource;
}
const namesIn = async (store: Store): Promise<string[]> =>
  (await store.list({ kind: 'AnalysisRun' })).items.map(({ metadata }) => metadata.name);

/** A folder with a database that has one run in it and is closed. */
async function closedDatabase(): Promise<string> {
  const folder = newFolder();
  const store = await sqliteStore(folder);
  await store.create(runOf('a'));
  await store.close();
  return folder;
}

describe('a SQLite store that is opened again', () => {
  it('has every document as it was, and goes on counting revisions', async () => {
    const folder = newFolder();
    const first = await sqliteStore(folder);
    const a = await first.create(runOf('a', 'ä€𝄞'));
    await first.create(runOf('b'));
    await first.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'b' });
    const { items, revision } = await first.list({ kind: 'AnalysisRun' });
    await first.close();

    const second = await sqliteStore(folder);
    expect(await second.list({ kind: 'AnalysisRun' })).toEqual({ items, revision });
    expect(await second.get({ kind: 'AnalysisRun', namespace: 'default', name: 'a' })).toEqual(a);
    const replaced = await second.replace(runOf('a'), a.metadata.resourceVersion!);
    expect(Number(replaced.metadata.resourceVersion)).toBe(revision + 1);
    await second.close();
  });

  it('tells the previous document of a change though it is in no memory any more', async () => {
    const folder = await closedDatabase();
    const store = await sqliteStore(folder);
    const start = await store.revision();
    await store.replace(runOf('a', 'new'), String(start));
    for await (const change of store.watch({ kind: 'AnalysisRun' }, start, new AbortController().signal)) {
      expect(change).toMatchObject({
        type: 'MODIFIED',
        previous: { ...runOf('a'), metadata: { resourceVersion: String(start) } },
      });
      break;
    }
    await store.close();
  });

  it('has forgotten its history: older revisions are expired, the present one is not', async () => {
    const folder = newFolder();
    const first = await sqliteStore(folder);
    for (const name of ['a', 'b', 'c']) await first.create(runOf(name));
    const page = await first.list({ kind: 'AnalysisRun' }, { limit: 1 });
    await first.create(runOf('d'));
    await first.close();

    const second = await sqliteStore(folder);
    const older = second.watch({ kind: 'AnalysisRun' }, page.revision, new AbortController().signal);
    await expect(older[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'expired' });
    await expect(second.list({ kind: 'AnalysisRun' }, { continue: page.continue! })).rejects.toMatchObject({
      code: 'expired',
    });
    const control = new AbortController();
    const present = second.watch({ kind: 'AnalysisRun' }, await second.revision(), control.signal);
    const next = present[Symbol.asyncIterator]().next();
    await second.create(runOf('e'));
    expect((await next).value).toMatchObject({ document: { metadata: { name: 'e' } } });
    await second.close();
  });
});

describe('a SQLite store that cannot be opened says why, and what to do', () => {
  const alter = (folder: string, sql: string): void => {
    const database = new DatabaseSync(fileOf(folder));
    database.exec(sql);
    database.close();
  };
  const cases: { name: string; spoil: (folder: string) => void; says: RegExp }[] = [
    {
      name: 'a schema from the future',
      spoil: (folder) => alter(folder, 'PRAGMA user_version = 99'),
      says: /assay\.db has schema version 99, this Assay knows 1: use the Assay that wrote it or a newer one/,
    },
    {
      name: 'a database of another program',
      spoil: (folder) => alter(folder, 'PRAGMA application_id = 7'),
      says: /assay\.db is a database of another program: choose another data folder/,
    },
    {
      name: 'a file that is no database',
      spoil: (folder) => writeFileSync(fileOf(folder), 'no database at all '.repeat(100)),
      says: /assay\.db is damaged or no database .*: restore it from a backup, or move it away to start empty/,
    },
    {
      name: 'a database whose second half is gone',
      spoil: (folder) => writeFileSync(fileOf(folder), readFileSync(fileOf(folder)).subarray(0, 6_000)),
      says: /assay\.db is damaged or no database .*: restore it from a backup/,
    },
    {
      name: 'a folder where the file should be',
      spoil: (folder) => {
        rmSync(fileOf(folder));
        mkdirSync(fileOf(folder));
      },
      says: /cannot write .*assay\.db .*: give this user the right to write the file and its folder/,
    },
    {
      name: 'a file where the folder should be',
      spoil: (folder) => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
      says: /cannot use the data folder .* \(EEXIST\): make it a folder that this user may write, or choose another/,
    },
  ];
  it.each(cases)('$name', async ({ spoil, says }) => {
    const folder = await closedDatabase();
    spoil(folder);
    const opening = sqliteStore(folder);
    await expect(opening).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    await expect(opening).rejects.toThrow(says);
  });

  it('a file that another store has open, which goes on undisturbed', async () => {
    const folder = newFolder();
    const first = await sqliteStore(folder);
    await first.create(runOf('a'));
    await expect(sqliteStore(folder)).rejects.toThrow(
      /assay\.db is in use by another process: stop that one, or choose another data folder/,
    );
    await first.create(runOf('b'));
    expect(await namesIn(first)).toEqual(['a', 'b']);
    await first.close();
  });

  // Root may write anywhere, so the right to do so is taken away from it. Debian's setpriv is part of every installation.
  const asOrdinaryUser = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override'] : ['env'];
  it.each([
    { name: 'a folder that may not be written', mode: 0o555, says: 'cannot write' },
    {
      name: 'a folder in one that may not be written',
      mode: 0o555,
      inside: 'deeper',
      says: 'cannot use the data folder',
    },
  ])('$name', async ({ mode, inside, says }) => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true, mode });
    const open = `import { sqliteStore } from ${JSON.stringify(new URL('../../../services/store/sqlite.ts', import.meta.url).href)};
      await sqliteStore(${JSON.stringify(join(folder, inside ?? '.'))}).then(() => console.log('open'), (error) => console.log(error.code, error.message));`;
    const [command, ...args] = [...asOrdinaryUser, process.execPath, '--input-type=module', '--eval', open];
    const { stdout, stderr } = spawnSync(command!, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toContain(`unavailable ${says}`);
    expect(stdout).toMatch(/give this user the right to write|that this user may write/);
  });
});

describe('a SQLite store on a disk that is full', () => {
  // The kernel refuses to let this process' files grow, as it does on a full disk. Without a handler the signal that comes with it would end the process.
  const limitFileSize = (bytes: number | 'unlimited'): void =>
    void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);

  it('refuses to write, keeps nothing half, still reads, and goes on when there is room', async () => {
    const folder = newFolder();
    const store = await sqliteStore(folder);
    const a = await store.create(runOf('a', 'before'));
    const revision = await store.revision();
    const ignore = (): void => undefined;
    process.on('SIGXFSZ', ignore);
    limitFileSize(statSync(`${fileOf(folder)}-wal`).size + 10_000);
    try {
      const writes = [
        store.create(runOf('b')),
        store.replace(runOf('a', 'x'.repeat(50_000)), a.metadata.resourceVersion!),
        store.remove({ kind: 'AnalysisRun', namespace: 'default', name: 'a' }),
      ];
      for (const outcome of await Promise.allSettled(writes)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', code: 'unavailable' } });
        expect(String((outcome as PromiseRejectedResult).reason.message)).toMatch(
          /the disk that holds .*(is full|fails)/,
        );
      }
      await expect(store.create(runOf('c', 'x'.repeat(50_000)))).rejects.toMatchObject({ code: 'unavailable' });
      expect(await store.list({ kind: 'AnalysisRun' })).toEqual({ items: [a], revision });
      expect(await store.get({ kind: 'AnalysisRun', namespace: 'default', name: 'a' })).toEqual(a);
    } finally {
      limitFileSize('unlimited');
      process.off('SIGXFSZ', ignore);
    }
    await store.check();
    const created = await store.create(runOf('d', 'x'.repeat(50_000)));
    expect(Number(created.metadata.resourceVersion)).toBe(revision + 1);
    await store.close();

    const again = await sqliteStore(folder);
    expect(await namesIn(again)).toEqual(['a', 'd']);
    await again.close();
  });

  it('says that it is not ready', async () => {
    const folder = newFolder();
    const store = await sqliteStore(folder);
    await store.create(runOf('a'));
    const ignore = (): void => undefined;
    process.on('SIGXFSZ', ignore);
    limitFileSize(statSync(`${fileOf(folder)}-wal`).size);
    try {
      await expect(store.check()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    } finally {
      limitFileSize('unlimited');
      process.off('SIGXFSZ', ignore);
    }
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
  });
});

describe('a SQLite store whose thread dies', () => {
  it('answers everything with an error, ends its watches with it, and still closes', async () => {
    const born = new Promise<Worker>((resolve) => process.once('worker', resolve));
    const store = await sqliteStore(newFolder());
    const thread = await born;
    const watch = store.watch({ kind: 'AnalysisRun' }, await store.revision(), new AbortController().signal);
    const change = watch[Symbol.asyncIterator]().next();
    const underWay = store.create(runOf('a', 'x'.repeat(1_000_000)));
    const lost = {
      name: 'StoreError',
      code: 'unavailable',
      message: expect.stringMatching(/database thread .*: restart Assay/),
    };
    const refusals = [expect(underWay).rejects.toMatchObject(lost), expect(change).rejects.toMatchObject(lost)];
    await thread.terminate();
    await Promise.all(refusals);
    await expect(store.check()).rejects.toMatchObject(lost);
    await expect(store.get({ kind: 'AnalysisRun', namespace: 'default', name: 'a' })).rejects.toMatchObject(lost);
    await store.close();
  });
});
