import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Resource } from '../../services/domain/resource.ts';
import type { Change, Key, Kind, Selection, Store } from '../../services/engine/ports.ts';

/** A store that is empty, and how many changes it keeps at least; the suite asks for few to see them expire. */
export type OpenStore = (options: { readonly historyChanges: number }) => Promise<Store>;

const HISTORY_CHANGES = 100;
// More than any store may still hold that was asked to keep the number above.
const ENOUGH_TO_EXPIRE = 4 * HISTORY_CHANGES;

type Document = Resource & { readonly spec?: unknown };

const keyOf = (name: string, namespace = 'default', kind: Kind = 'AnalysisRun'): Key => ({ kind, namespace, name });
function documentOf(
  name: string,
  namespace = 'default',
  spec: unknown = {},
  labels?: Record<string, string>,
): Document {
  const metadata = { name, namespace, uid: `uid-of-${name}`, ...(labels === undefined ? {} : { labels }) };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata, spec } as Document;
}
const versionOf = (document: Resource | undefined): string => document!.metadata.resourceVersion!;
const revisionOf = (document: Resource): number => Number(versionOf(document));
const namesOf = (documents: readonly Resource[]): string[] =>
  documents.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

/** What every Store promises (services/engine/ports.ts). */
export function storeConformance(name: string, open: OpenStore): void {
  describe(`${name} keeps the promises of a store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open({ historyChanges: HISTORY_CHANGES });
    });
    afterEach(() => store.close());

    describe('documents', () => {
      it('keeps a document as it was given, and stamps the revision', async () => {
        const spec = {
          text: 'ä€𝄞\u0000"\\\n',
          numbers: [0, -1.5, 1e300],
          nested: { empty: {}, none: null, yes: true },
        };
        const created = await store.create(documentOf('a', 'default', spec, { app: 'shop' }));
        const expected = documentOf('a', 'default', spec, { app: 'shop' });
        expect(created).toEqual({
          ...expected,
          metadata: { ...expected.metadata, resourceVersion: String(await store.revision()) },
        });
        expect(await store.get(keyOf('a'))).toEqual(created);
        expect((await store.list({ kind: 'AnalysisRun' })).items).toEqual([created]);
      });

      it('raises one revision for the whole store at each write', async () => {
        const before = await store.revision();
        const a = await store.create(documentOf('a'));
        const b = await store.create({ ...documentOf('b'), kind: 'Event' });
        const changed = await store.replace(documentOf('a'), versionOf(a));
        const removed = await store.remove(keyOf('b', 'default', 'Event'));
        const revisions = [a, b, changed, removed].map(revisionOf);
        expect(revisions.toSorted((x, y) => x - y)).toEqual(revisions);
        expect(new Set([before, ...revisions]).size).toBe(5);
        expect(await store.revision()).toBe(revisions.at(-1));
      });

      it('knows the same name in other kinds and namespaces apart', async () => {
        await store.create(documentOf('a', 'one'));
        await store.create(documentOf('a', 'two'));
        await store.create({ ...documentOf('a', 'one'), kind: 'AnalysisTemplate' });
        const { namespace: _, ...clusterScoped } = documentOf('a').metadata;
        await store.create({ ...documentOf('a'), kind: 'ClusterAnalysisTemplate', metadata: clusterScoped });
        await store.remove(keyOf('a', 'one'));
        expect(await store.get(keyOf('a', 'one'))).toBeUndefined();
        expect(await store.get(keyOf('a', 'two'))).toBeDefined();
        expect(await store.get(keyOf('a', 'one', 'AnalysisTemplate'))).toBeDefined();
        expect(await store.get(keyOf('a', '', 'ClusterAnalysisTemplate'))).toBeDefined();
      });

      it('replaces and removes at the expected revision', async () => {
        const created = await store.create(documentOf('a', 'default', { step: 1 }));
        const replaced = await store.replace(documentOf('a', 'default', { step: 2 }), versionOf(created));
        expect(await store.get(keyOf('a'))).toEqual(replaced);
        expect(replaced).toMatchObject({ spec: { step: 2 } });
        const removed = await store.remove(keyOf('a'), versionOf(replaced));
        expect(removed).toMatchObject({ spec: { step: 2 } });
        expect(revisionOf(removed)).toBeGreaterThan(revisionOf(replaced));
        expect(await store.get(keyOf('a'))).toBeUndefined();
      });

      it('takes a name again after its document was removed', async () => {
        const first = await store.create(documentOf('a'));
        await store.remove(keyOf('a'));
        const second = await store.create(documentOf('a'));
        expect(revisionOf(second)).toBeGreaterThan(revisionOf(first));
        await expect(store.replace(documentOf('a'), versionOf(first))).rejects.toMatchObject({ code: 'conflict' });
      });

      const refusals: { name: string; act: (present: Resource) => Promise<unknown>; code: string; message: string }[] =
        [
          {
            name: 'creating a name that is there',
            act: () => store.create(documentOf('a', 'default', { other: true })),
            code: 'already-exists',
            message: 'AnalysisRun "default/a" already exists',
          },
          {
            name: 'replacing at a revision that is past',
            act: () => store.replace(documentOf('a', 'default', { other: true }), '0'),
            code: 'conflict',
            message: 'AnalysisRun "default/a" was changed since revision 0: read it again',
          },
          {
            name: 'removing at a revision that is past',
            act: () => store.remove(keyOf('a'), '0'),
            code: 'conflict',
            message: 'AnalysisRun "default/a" was changed since revision 0: read it again',
          },
          {
            name: 'replacing what is not there',
            act: (present) => store.replace(documentOf('b'), versionOf(present)),
            code: 'not-found',
            message: 'AnalysisRun "default/b" not found',
          },
          {
            name: 'removing what is not there',
            act: () => store.remove(keyOf('b')),
            code: 'not-found',
            message: 'AnalysisRun "default/b" not found',
          },
        ];
      it.each(refusals)('refuses $name, and nothing changes', async ({ act, code, message }) => {
        const present = await store.create(documentOf('a'));
        await expect(act(present)).rejects.toMatchObject({ name: 'StoreError', code, message });
        expect(await store.get(keyOf('a'))).toEqual(present);
        expect(await store.revision()).toBe(revisionOf(present));
      });
    });

    describe('concurrent writers', () => {
      it('lets exactly one of many that replace the same revision win', async () => {
        const present = await store.create(documentOf('a'));
        const writers = Array.from({ length: 50 }, (_, writer) =>
          store.replace(documentOf('a', 'default', { writer }), versionOf(present)),
        );
        const outcomes = await Promise.allSettled(writers);
        const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
        expect(won).toHaveLength(1);
        expect(lost).toEqual(Array.from({ length: 49 }, () => 'conflict'));
        expect(await store.get(keyOf('a'))).toEqual(won[0]);
      });

      it('lets exactly one of many that create the same name win', async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => store.create(documentOf('a'))));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('loses no increment of writers that read again after a conflict', async () => {
        await store.create(documentOf('a', 'default', { count: 0 }));
        const increment = async (): Promise<void> => {
          for (;;) {
            const present = (await store.get(keyOf('a'))) as Document & { spec: { count: number } };
            const next = documentOf('a', 'default', { count: present.spec.count + 1 });
            const outcome = await store.replace(next, versionOf(present)).catch((error: unknown) => error);
            if (!(outcome instanceof Error)) return;
            expect(outcome).toMatchObject({ code: 'conflict' });
          }
        };
        await Promise.all(Array.from({ length: 20 }, increment));
        expect(await store.get(keyOf('a'))).toMatchObject({ spec: { count: 20 } });
      });

      it('shows every acknowledged write to the reads that follow', async () => {
        await Promise.all(
          Array.from({ length: 100 }, async (_, index) => {
            const created = await store.create(documentOf(`run-${index}`));
            expect(await store.get(keyOf(`run-${index}`))).toEqual(created);
            const replaced = await store.replace(documentOf(`run-${index}`, 'default', { index }), versionOf(created));
            expect(await store.get(keyOf(`run-${index}`))).toEqual(replaced);
            await store.remove(keyOf(`run-${index}`));
            expect(await store.get(keyOf(`run-${index}`))).toBeUndefined();
          }),
        );
        expect((await store.list({ kind: 'AnalysisRun' })).items).toEqual([]);
      });
    });

    describe('walks', () => {
      it('meet once, in order, what is there from beginning to end, whatever is written meanwhile, and never expire', async () => {
        const names = Array.from({ length: 300 }, (_, index) => `run-${String(index).padStart(3, '0')}`);
        await Promise.all(names.map((name) => store.create(documentOf(name))));
        const met: string[] = [];
        let isFirst = true;
        for await (const portion of store.walk({ kind: 'AnalysisRun' })) {
          met.push(...namesOf(portion));
          if (!isFirst) continue;
          isFirst = false;
          await churn(store, ENOUGH_TO_EXPIRE);
          await store.remove(keyOf('run-000'));
          await store.remove(keyOf('run-299'));
          await store.replace(documentOf('run-298'), versionOf(await store.get(keyOf('run-298'))));
          await store.create(documentOf('run-1500'));
        }
        const stayed = names.slice(1, -1).map((name) => `default/${name}`);
        expect(met.filter((name) => stayed.includes(name))).toEqual(stayed);
        expect(new Set(met).size).toBe(met.length);
      });

      it('are over at once where nothing is', async () => {
        expect(await walked(store, { kind: 'AnalysisRun' })).toEqual([]);
      });
    });

    describe('lists', () => {
      const everything = async (
        selection: Selection,
        limit: number,
        from?: string,
      ): Promise<(readonly Resource[])[]> => {
        const page = await store.list(selection, { limit, ...(from === undefined ? {} : { continue: from }) });
        if (page.continue === undefined) return [page.items];
        return [page.items, ...(await everything(selection, limit, page.continue))];
      };

      it('is in order of namespace, then of name', async () => {
        for (const [namespace, name] of [
          ['b', 'a'],
          ['a', 'z'],
          ['a-b', 'c'],
          ['a', 'a.b'],
          ['a', 'a-b'],
          ['a', 'a'],
        ] as const)
          await store.create(documentOf(name, namespace));
        expect(namesOf((await store.list({ kind: 'AnalysisRun' })).items)).toEqual([
          'a/a',
          'a/a-b',
          'a/a.b',
          'a/z',
          'a-b/c',
          'b/a',
        ]);
      });

      it('is empty, with a revision, where nothing is', async () => {
        const revision = await store.revision();
        expect(await store.list({ kind: 'AnalysisRun' })).toEqual({ items: [], revision });
        expect(revision).toBeGreaterThan(0);
      });

      const selections: { name: string; selection: Selection; want: string[] }[] = [
        { name: 'a kind', selection: { kind: 'AnalysisRun' }, want: ['one/a', 'one/b', 'two/a', 'two/c'] },
        { name: 'a namespace', selection: { kind: 'AnalysisRun', namespace: 'two' }, want: ['two/a', 'two/c'] },
        { name: 'a namespace that is not there', selection: { kind: 'AnalysisRun', namespace: 'three' }, want: [] },
        {
          name: 'a predicate',
          selection: { kind: 'AnalysisRun', matches: ({ metadata }) => metadata.labels?.['app'] === 'shop' },
          want: ['one/b', 'two/c'],
        },
        {
          name: 'a predicate in a namespace',
          selection: {
            kind: 'AnalysisRun',
            namespace: 'one',
            matches: ({ metadata }) => metadata.labels?.['app'] === 'shop',
          },
          want: ['one/b'],
        },
      ];
      it.each(selections)('selects $name, in one piece, page by page and in a walk', async ({ selection, want }) => {
        const shop = { app: 'shop' };
        await store.create(documentOf('c', 'two', {}, shop));
        await store.create(documentOf('a', 'one'));
        await store.create(documentOf('a', 'two'));
        await store.create(documentOf('b', 'one', {}, shop));
        await store.create({ ...documentOf('d', 'one', {}, shop), kind: 'AnalysisTemplate' });
        expect(namesOf((await store.list(selection)).items)).toEqual(want);
        for (const limit of [1, 2, 3, 10]) expect((await everything(selection, limit)).flatMap(namesOf)).toEqual(want);
        expect(namesOf(await walked(store, selection))).toEqual(want);
      });

      it('has full pages but for the last, which has no continue token, and tells what remains', async () => {
        for (const name of ['a', 'b', 'c', 'd']) await store.create(documentOf(name));
        const first = await store.list({ kind: 'AnalysisRun' }, { limit: 2 });
        expect(first).toMatchObject({ items: { length: 2 }, remaining: 2, continue: expect.any(String) });
        const second = await store.list({ kind: 'AnalysisRun' }, { limit: 2, continue: first.continue! });
        expect(second.items).toHaveLength(2);
        expect(Object.keys(second)).not.toContain('continue');
      });

      it('shows one moment on all pages, whatever is written between them', async () => {
        for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
          await store.create(documentOf(name, 'default', { old: true }));
        const selection: Selection = { kind: 'AnalysisRun', namespace: 'default' };
        const before = (await store.list(selection)).items;
        const first = await store.list(selection, { limit: 2 });

        await store.create(documentOf('cc'));
        await store.create(documentOf('z'));
        await store.create(documentOf('zz', 'other'));
        await store.replace(documentOf('d'), versionOf(before[3]));
        await store.replace(documentOf('d'), versionOf(await store.get(keyOf('d'))));
        await store.remove(keyOf('a'));
        await store.remove(keyOf('c'));
        await store.remove(keyOf('e'));
        await store.create(documentOf('e'));
        await store.remove(keyOf('g'));

        const second = await store.list(selection, { limit: 3, continue: first.continue! });
        const third = await store.list(selection, { limit: 3, continue: second.continue! });
        expect([...first.items, ...second.items, ...third.items]).toEqual(before);
        expect([first.remaining, second.remaining, third.remaining]).toEqual([5, 2, undefined]);
        expect([second.revision, third.revision]).toEqual([first.revision, first.revision]);
        expect(third.continue).toBeUndefined();
        expect(namesOf((await store.list(selection)).items)).toEqual(
          ['b', 'cc', 'd', 'e', 'f', 'z'].map((name) => `default/${name}`),
        );
      });

      it('shows that moment also on pages that are asked for again, and of several lists in turns', async () => {
        const names = Array.from({ length: 30 }, (_, index) => `run-${String(index).padStart(2, '0')}`);
        for (const name of names) await store.create(documentOf(name));
        const selection: Selection = { kind: 'AnalysisRun' };
        const scattered = (count: number): string => names[(count * 7) % names.length]!;
        let writes = 0;
        const write = async (): Promise<void> => {
          writes += 1;
          const present = await store.get(keyOf(scattered(writes)));
          if (present === undefined) await store.create(documentOf(scattered(writes)));
          else if (writes % 3 === 0) await store.remove(keyOf(scattered(writes)));
          else await store.replace(documentOf(scattered(writes), 'default', { writes }), versionOf(present));
        };
        /** The pages so far, each with what was asked for it. */
        const begin = async () => {
          const want = (await store.list(selection)).items;
          return { want, pages: [await store.list(selection, { limit: 4 })] };
        };
        const lists = [await begin()];
        for (let step = 0; step < 16; step += 1) {
          for (let count = 0; count < 3; count += 1) await write();
          if (step === 3) lists.push(await begin());
          for (const { want, pages } of lists) {
            const { continue: token } = pages.at(-1)!;
            if (token === undefined) continue;
            pages.push(await store.list(selection, { limit: 4, continue: token }));
            const again = (step * 5) % (pages.length - 1);
            const page = await store.list(selection, { limit: 4, continue: pages[again]!.continue! });
            expect(page).toEqual(pages[again + 1]);
            const shown = pages.flatMap(({ items }) => items);
            expect(shown).toEqual(want.slice(0, shown.length));
            expect(pages.at(-1)!.remaining ?? 0).toBe(want.length - shown.length);
          }
        }
        expect(lists.map(({ want, pages }) => pages.flatMap(({ items }) => items).length - want.length)).toEqual([
          0, 0,
        ]);
      });

      it('lets a watch go on from the revision of a list without a gap', async () => {
        for (const name of ['a', 'b', 'c']) await store.create(documentOf(name));
        const first = await store.list({ kind: 'AnalysisRun' }, { limit: 1 });
        await store.create(documentOf('d'));
        const [change] = await firstChanges(store, { kind: 'AnalysisRun' }, first.revision, 1);
        expect(change!.document.metadata.name).toBe('d');
      });

      it('refuses to go on from a moment that it no longer knows', async () => {
        for (const name of ['a', 'b', 'c']) await store.create(documentOf(name));
        const { continue: token } = await store.list({ kind: 'AnalysisRun' }, { limit: 1 });
        await churn(store, ENOUGH_TO_EXPIRE);
        await expect(store.list({ kind: 'AnalysisRun' }, { limit: 1, continue: token! })).rejects.toMatchObject({
          name: 'StoreError',
          code: 'expired',
        });
      });

      it.each(['', 'nonsense', 'bnVsbA', Buffer.from('["1","a"]').toString('base64url'), '[1,"a"]'])(
        'refuses the continue token %j, which no list gave',
        async (token) => {
          await expect(store.list({ kind: 'AnalysisRun' }, { continue: token })).rejects.toMatchObject({
            name: 'StoreError',
            code: 'malformed',
          });
        },
      );

      it('reads thousands of documents, in one piece and page by page, while others are written', async () => {
        const names = Array.from({ length: 3_000 }, (_, index) => `run-${String(index).padStart(4, '0')}`);
        await Promise.all(names.map((name) => store.create(documentOf(name, 'many'))));
        const want = names.map((name) => `many/${name}`);
        const selection: Selection = { kind: 'AnalysisRun', namespace: 'many' };
        expect(namesOf((await store.list(selection)).items)).toEqual(want);

        const first = await store.list(selection, { limit: 700 });
        // Not more than the store remembers.
        const writing = Promise.all(
          Array.from({ length: HISTORY_CHANGES }, (_, index) =>
            store.create(documentOf(`${names[index * 29]}-new`, 'many')),
          ),
        );
        const pages = [first.items, ...(await everything(selection, 700, first.continue))];
        await writing;
        expect(pages.map(({ length }) => length)).toEqual([700, 700, 700, 700, 200]);
        expect(pages.flatMap(namesOf)).toEqual(want);
      });
    });

    describe('watches', () => {
      const runs: Selection = { kind: 'AnalysisRun' };
      const summaryOf = ({ type, document, previous, revision }: Change) => ({
        type,
        name: document.metadata.name,
        spec: (document as Document).spec,
        previous: (previous as Document | undefined)?.spec,
        isStamped: versionOf(document) === String(revision),
      });

      it('tells every change after a revision, with the document before it', async () => {
        const a = await store.create(documentOf('a', 'default', 1));
        const b = await store.replace(documentOf('a', 'default', 2), versionOf(a));
        await store.replace(documentOf('a', 'default', 3), versionOf(b));
        await store.create({ ...documentOf('t'), kind: 'AnalysisTemplate' });
        await store.remove(keyOf('a'));
        const changes = await firstChanges(store, runs, revisionOf(a) - 1, 4);
        expect(changes.map(summaryOf)).toEqual([
          { type: 'ADDED', name: 'a', spec: 1, previous: undefined, isStamped: true },
          { type: 'MODIFIED', name: 'a', spec: 2, previous: 1, isStamped: true },
          { type: 'MODIFIED', name: 'a', spec: 3, previous: 2, isStamped: true },
          { type: 'DELETED', name: 'a', spec: 3, previous: 3, isStamped: true },
        ]);
        expect(await firstChanges(store, runs, revisionOf(b), 2)).toEqual(changes.slice(2));
      });

      it('tells changes as they come', async () => {
        const first = firstChanges(store, runs, await store.revision(), 2);
        const a = await store.create(documentOf('a'));
        await store.remove(keyOf('a'), versionOf(a));
        expect((await first).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
      });

      it('leaves no gap and tells nothing twice while many write at once', async () => {
        const start = await store.revision();
        const seen = firstChanges(store, runs, start, 90);
        const lateSeen = (async () => {
          const [first] = await firstChanges(store, runs, start, 1);
          return firstChanges(store, runs, first!.revision, 89);
        })();
        await Promise.all(
          Array.from({ length: 30 }, async (_, index) => {
            const created = await store.create(documentOf(`run-${index}`));
            await store.replace(documentOf(`run-${index}`, 'default', 1), versionOf(created));
            await store.remove(keyOf(`run-${index}`));
          }),
        );
        const revisions = (await seen).map(({ revision }) => revision);
        expect(revisions).toEqual(Array.from({ length: 90 }, (_, index) => start + index + 1));
        expect((await lateSeen).map(({ revision }) => revision)).toEqual(revisions.slice(1));
        for (let index = 0; index < 30; index += 1) {
          const types = (await seen).filter(({ document }) => document.metadata.name === `run-${index}`);
          expect(types.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
        }
      });

      it('tells of what its predicate matches before or after the change, and of no other kind or namespace', async () => {
        const start = await store.revision();
        const selection: Selection = {
          kind: 'AnalysisRun',
          namespace: 'default',
          matches: ({ metadata }) => metadata.labels?.['app'] === 'shop',
        };
        const shop = { app: 'shop' };
        await store.create(documentOf('elsewhere', 'other', 0, shop));
        await store.create({ ...documentOf('template', 'default', 0, shop), kind: 'AnalysisTemplate' });
        const outside = await store.create(documentOf('a', 'default', 'outside'));
        const entered = await store.replace(documentOf('a', 'default', 'entered', shop), versionOf(outside));
        const left = await store.replace(documentOf('a', 'default', 'left'), versionOf(entered));
        await store.replace(documentOf('a', 'default', 'still outside'), versionOf(left));
        await store.create(documentOf('b', 'default', 'end', shop));
        const changes = await firstChanges(store, selection, start, 3);
        expect(changes.map(({ document }) => (document as Document).spec)).toEqual(['entered', 'left', 'end']);
      });

      it('waits for a revision that is still to come', async () => {
        const created = await store.create(documentOf('a'));
        const seen = firstChanges(store, runs, revisionOf(created) + 1, 1);
        await store.create(documentOf('b'));
        await store.create(documentOf('c'));
        expect((await seen).map(({ document }) => document.metadata.name)).toEqual(['c']);
      });

      it('ends when its signal aborts, before it starts as well', async () => {
        const control = new AbortController();
        const ended = collect(store.watch(runs, await store.revision(), control.signal));
        control.abort();
        expect(await ended).toEqual([]);
        await store.create(documentOf('a'));
        expect(await collect(store.watch(runs, 0, AbortSignal.abort()))).toEqual([]);
      });

      it('ends when the store closes', async () => {
        const ended = collect(store.watch(runs, await store.revision(), new AbortController().signal));
        await store.close();
        expect(await ended).toEqual([]);
      });

      it('refuses a revision that it no longer knows', async () => {
        const start = await store.revision();
        await churn(store, ENOUGH_TO_EXPIRE);
        await expect(firstChanges(store, runs, start, 1)).rejects.toMatchObject({
          name: 'StoreError',
          code: 'expired',
        });
      });

      it('knows at least as many changes as it was asked to', async () => {
        await churn(store, ENOUGH_TO_EXPIRE);
        const newest = await store.revision();
        const changes = await firstChanges(store, runs, newest - HISTORY_CHANGES, HISTORY_CHANGES);
        expect(changes.at(-1)!.revision).toBe(newest);
      });

      it('passes by what does not concern it: a quiet one keeps up with the store', async () => {
        const control = new AbortController();
        const quiet = store.watch({ ...runs, matches: isNamed('a') }, await store.revision(), control.signal);
        const iterator = quiet[Symbol.asyncIterator]();
        const told = iterator.next();
        await churn(store, ENOUGH_TO_EXPIRE);
        await expect.poll(async () => quiet.revision === (await store.revision())).toBe(true);
        await store.create(documentOf('a'));
        expect((await told).value).toMatchObject({ type: 'ADDED', document: { metadata: { name: 'a' } } });
        control.abort();
      });

      it('has passed a change only when its reader asks for more, and hands out at once what is there', async () => {
        const control = new AbortController();
        const start = await store.revision();
        for (const name of ['a', 'b', 'c']) await store.create(documentOf(name));
        const watch = store.watch({ ...runs, matches: isNamed('a', 'c') }, start, control.signal);
        const iterator = watch[Symbol.asyncIterator]();
        await iterator.next();
        expect(watch.revision).toBe(start);
        if (watch.poll() === undefined) await iterator.next();
        expect(watch.revision).toBe(start + 2);
        control.abort();
        expect((await iterator.next()).done).toBe(true);
        expect(watch.revision).toBe(start + 3);
      });

      it('drops a consumer that does not follow, and no other', async () => {
        const start = await store.revision();
        const control = new AbortController();
        const slow = store.watch(runs, start, control.signal)[Symbol.asyncIterator]();
        await store.create(documentOf('a'));
        expect((await slow.next()).value).toMatchObject({ type: 'ADDED' });
        const quick = firstChanges(store, runs, start, ENOUGH_TO_EXPIRE);
        await churn(store, ENOUGH_TO_EXPIRE);
        await expect(slow.next()).rejects.toMatchObject({ name: 'StoreError', code: 'expired' });
        expect(await quick).toHaveLength(ENOUGH_TO_EXPIRE);
      });
    });

    describe('its end', () => {
      it('is ready while open', async () => {
        const before = await store.revision();
        await expect(store.check()).resolves.toBeUndefined();
        expect(await store.revision()).toBe(before);
      });

      it('answers what was asked before it closes, and refuses what comes after', async () => {
        const writing = store.create(documentOf('a'));
        const closing = store.close();
        await expect(writing).resolves.toMatchObject({ kind: 'AnalysisRun' });
        await closing;
        for (const late of [
          () => store.get(keyOf('a')),
          () => store.create(documentOf('b')),
          () => store.list({ kind: 'AnalysisRun' }),
          () => store.check(),
        ])
          await expect(late()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
        await expect(store.close()).resolves.toBeUndefined();
      });
    });
  });
}

const isNamed =
  (...names: readonly string[]) =>
  ({ metadata }: Resource): boolean =>
    names.includes(metadata.name);

/** The first changes of a watch; it is ended then. */
async function firstChanges(store: Store, selection: Selection, from: number, count: number): Promise<Change[]> {
  const control = new AbortController();
  const changes: Change[] = [];
  for await (const change of store.watch(selection, from, control.signal)) {
    changes.push(change);
    if (changes.length === count) control.abort();
  }
  return changes;
}

async function collect(watch: AsyncIterable<Change>): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const change of watch) changes.push(change);
  return changes;
}

/** So many changes of one document, one after the other, with time for others between them. */
async function walked(store: Store, selection: Selection): Promise<readonly Resource[]> {
  const met: Resource[] = [];
  for await (const portion of store.walk(selection)) met.push(...portion);
  return met;
}

async function churn(store: Store, changes: number): Promise<void> {
  let last = await store.create(documentOf('churn'));
  for (let change = 1; change < changes; change += 1) {
    last = await store.replace(documentOf('churn', 'default', change), versionOf(last));
    if (change % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
