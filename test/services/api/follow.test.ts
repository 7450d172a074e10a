import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fold, follow } from '../../../services/api/series/follow.ts';
import type { Resource } from '../../../services/domain/resource.ts';
import type { Store } from '../../../services/engine/ports.ts';
import { memoryStore } from '../../../services/store/memory.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const run = (name: string): Resource => ({ apiVersion: 'v1', kind: 'AnalysisRun', metadata: { name, namespace: 'x' } });
const keyOf = (name: string) => ({ kind: 'AnalysisRun', namespace: 'x', name }) as const;
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The version of each document; what it is told must follow from what it knows. */
class Versions implements Fold {
  readonly known = new Map<string, string | undefined>();
  apply(before: Resource | undefined, after: Resource | undefined): void {
    const { name } = (before ?? after)!.metadata;
    if (this.known.get(name) !== before?.metadata.resourceVersion) throw new Error(`${name} is told out of turn`);
    if (after === undefined) this.known.delete(name);
    else this.known.set(name, after.metadata.resourceVersion);
  }
}

/** Creates what is not there; changes or removes what is. */
async function write(store: Store, name: string, removes: boolean): Promise<void> {
  const present = await store.get(keyOf(name));
  if (present === undefined) await store.create(run(name));
  else if (removes) await store.remove(keyOf(name));
  else await store.replace(present, present.metadata.resourceVersion!);
}

async function versionsIn(store: Store): Promise<Map<string, string | undefined>> {
  const { items } = await store.list({ kind: 'AnalysisRun' });
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

const never = new AbortController().signal;

describe('what follows all documents of a kind', () => {
  const writes = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.boolean()), { maxLength: 12 });

  it('knows each as it is, whatever was written before, while and after it read them', async () => {
    await fc.assert(
      fc.asyncProperty(
        writes,
        fc.array(writes, { minLength: 4, maxLength: 4 }),
        writes,
        async (before, during, after) => {
          const store = memoryStore();
          for (const [name, removes] of before) await write(store, name, removes);
          const changing: Store = {
            ...store,
            // One document at a time, each as it is when its turn comes.
            async *walk() {
              for (const [index, name] of NAMES.entries()) {
                for (const [other, removes] of during[index]!) await write(store, other, removes);
                const document = await store.get(keyOf(name));
                if (document !== undefined) yield [document];
              }
            },
          };
          const state = await follow(changing, 'AnalysisRun', log, never, () => new Versions())();
          for (const [name, removes] of after) await write(store, name, removes);
          const want = await versionsIn(store);
          await expect.poll(() => state.known).toEqual(want);
        },
      ),
    );
  });
});
