/**
 * Writes to a SQLite store and prints each write once it is acknowledged: `NAME REVISION`, or `NAME gone`. Enough that the log is folded into the
 * database while it is open, and twice when it is closed. `node acknowledge-writes.ts STORE_MODULE FOLDER`
 */
import { writeSync } from 'node:fs';
import type { Resource } from '../../services/domain/resource.ts';
import type { Store } from '../../services/engine/ports.ts';

const [module = '', folder = ''] = process.argv.slice(2);
const { sqliteStore } = (await import(module)) as { sqliteStore: (folder: string) => Promise<Store> };

const runOf = (name: string, size: number): Resource =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'default' },
    spec: { filling: 'x'.repeat(size) },
  }) as Resource;
const acknowledge = (name: string, version: string): void => void writeSync(1, `${name} ${version}\n`);

async function write(store: Store, name: string, size: number): Promise<void> {
  const created = await store.create(runOf(name, size));
  acknowledge(name, created.metadata.resourceVersion!);
  const replaced = await store.replace(runOf(name, size / 2), created.metadata.resourceVersion!);
  acknowledge(name, replaced.metadata.resourceVersion!);
}

for (const round of [1, 2]) {
  const store = await sqliteStore(folder);
  for (let index = 0; index < 3; index += 1) await write(store, `small-${round}-${index}`, 100);
  await Promise.all(Array.from({ length: 20 }, (_, index) => write(store, `together-${round}-${index}`, 1_000)));
  if (round === 1) for (let index = 0; index < 10; index += 1) await write(store, `large-${index}`, 300_000);
  await store.remove({ kind: 'AnalysisRun', namespace: 'default', name: `small-${round}-0` });
  acknowledge(`small-${round}-0`, 'gone');
  await store.close();
}
