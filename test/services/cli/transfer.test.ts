/** Everything from SQLite to Redis and back, as a company does it that outgrows one process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLines } from '../../../services/cli/transfer/read-export.ts';
import { exportLines, withoutRevision } from '../../../services/cli/transfer/write-export.ts';
import type { Resource } from '../../../services/domain/resource.ts';
import { KINDS, type Store, StoreError } from '../../../services/engine/ports.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { redisStore } from '../../../services/store/redis.ts';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { assay } from '../../support/assay-command.ts';
import { startAssay } from '../../support/assay-server.ts';
import { serve } from '../../support/http-server.ts';
import { keptLog } from '../../support/log.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';

let redis: RedisServer;
let folder: string;
let places = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-transfer-'));
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true });
});
const newFolder = (): string => join(folder, `data-${places++}`);
const openRedis = (): Store => redisStore({ url: redis.url, prefix: `transfer-${places++}`, log: keptLog() });

async function everythingIn(store: Store): Promise<Resource[]> {
  const lists = await Promise.all(KINDS.map((kind) => store.list({ kind })));
  return lists.flatMap(({ items }) => items.map(withoutRevision));
}

async function move(from: Store, to: Store, overwrite = false) {
  let isOneMoment: boolean | undefined;
  const lines = exportLines(from, (exported) => {
    isOneMoment = exported.isOneMoment;
  });
  const imported = await importLines(to, withoutBreaks(lines), { overwrite });
  return { ...imported, isOneMoment };
}

async function* withoutBreaks(lines: AsyncIterable<string> | Iterable<string>) {
  for await (const line of lines) yield line.trimEnd();
}

const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}[a-z0-9]$/);
const document: fc.Arbitrary<Resource> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    name: word,
    namespace: fc.option(word, { nil: undefined }),
    labels: fc.dictionary(word, fc.string(), { maxKeys: 2 }),
    rest: fc.dictionary(fc.constantFrom('spec', 'status', 'content', '__proto__'), fc.jsonValue(), { maxKeys: 2 }),
  })
  .map(({ kind, name, namespace, labels, rest }) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), labels },
    // As it comes back from JSON, where -0 is 0.
    ...(JSON.parse(JSON.stringify(rest)) as object),
  }));
const documents = fc.uniqueArray(document, {
  minLength: 5,
  maxLength: 60,
  selector: ({ kind, metadata: { namespace = '', name } }) => `${kind} ${namespace} ${name}`,
});

describe('everything', () => {
  it('is the same after the way from SQLite to Redis and back', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (all) => {
        const [first, back] = await Promise.all([sqliteStore(newFolder()), sqliteStore(newFolder())]);
        const between = openRedis();
        await Promise.all(all.map((each) => first.create(each)));
        const before = await everythingIn(first);
        expect(await move(first, between)).toMatchObject({ isOneMoment: true, present: {} });
        await move(between, back);
        expect(await everythingIn(back)).toEqual(before);
        expect(before).toHaveLength(all.length);
        await Promise.all([first, between, back].map((store) => store.close()));
      }),
      { numRuns: 4 },
    );
  });

  it('is read in pages, and goes on after a break without storing anything twice', async () => {
    const from = memoryStore();
    const names = Array.from({ length: 450 }, (_, index) => `run-${String(index).padStart(3, '0')}`);
    for (const name of names)
      await from.create({ apiVersion: 'v1', kind: 'AnalysisRun', metadata: { name, namespace: 'default' } });
    const to = memoryStore();
    let writes = 0;
    const breaking: Store = {
      ...to,
      create: async (each) => {
        writes += 1;
        if (writes === 300) throw new StoreError('unavailable', 'Redis is out of memory');
        return to.create(each);
      },
    };
    await expect(move(from, breaking)).rejects.toThrow('out of memory');
    const afterBreak = (await everythingIn(to)).length;
    expect(afterBreak).toBeGreaterThan(200);
    expect(await move(from, to)).toMatchObject({
      stored: { AnalysisRun: 450 - afterBreak },
      present: { AnalysisRun: afterBreak },
    });
    expect((await everythingIn(to)).map(({ metadata }) => metadata.name)).toEqual(names);
  });

  it('says when something was written meanwhile', async () => {
    const from = memoryStore();
    const busy: Store = {
      ...from,
      walk: async function* (selection) {
        if (selection.kind === 'Event')
          await from.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
        yield* from.walk(selection);
      },
    };
    expect(await move(busy, memoryStore())).toMatchObject({ isOneMoment: false });
  });

  it('replaces what says something else only when told', async () => {
    const run = (phase: string) => ({
      apiVersion: 'v1',
      kind: 'AnalysisRun',
      metadata: { name: 'a', namespace: 'b' },
      phase,
    });
    const [from, to] = [memoryStore(), memoryStore()];
    await from.create(run('Failed'));
    await to.create(run('Running'));
    await expect(move(from, to)).rejects.toThrow('AnalysisRun "b/a" is there and says something else');
    expect(await everythingIn(to)).toEqual([run('Running')]);
    expect(await move(from, to, true)).toMatchObject({ stored: { AnalysisRun: 1 } });
    expect(await everythingIn(to)).toEqual([run('Failed')]);
  });
});

describe('what is no export', () => {
  const HEADER = '{"format":"assay-export","version":1}';
  const END = '{"end":{}}';
  it.each([
    { lines: [], says: 'the export is empty' },
    { lines: ['apiVersion: v1'], says: 'line 1 is no JSON object' },
    { lines: ['{"kind":"List"}'], says: 'line 1 is no header of an export' },
    { lines: ['{"format":"assay-export","version":2}'], says: 'format version 2, this Assay knows 1' },
    { lines: [HEADER], says: 'breaks off after line 1' },
    { lines: [HEADER, '{"kind":'], says: 'line 2 is no JSON object' },
    { lines: [HEADER, '{"kind":"Pod"}', END], says: 'line 2: this Assay stores no "Pod"' },
    {
      lines: [HEADER, '{"kind":"Event","apiVersion":"v1","metadata":{}}', END],
      says: 'line 2: a Event needs apiVersion',
    },
    { lines: [HEADER, END, END], says: 'line 3: something follows the end' },
  ])('$lines: $says', async ({ lines, says }) => {
    await expect(importLines(memoryStore(), withoutBreaks(lines), { overwrite: false })).rejects.toThrow(says);
  });
});

describe('assay export and assay import', () => {
  it('move a server with a run under way to Redis, where the run ends with its verdict', {
    timeout: 60_000,
  }, async () => {
    const embedded = await startAssay({ data: newFolder() });
    const runs = '/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns';
    const source = await serve((_request, response) => void response.end('{"value":1}'));
    const provider = { web: { url: source.url, jsonPath: '{$.value}' } };
    const spec = { metrics: [{ name: 'up', interval: '2s', count: 4, successCondition: 'result == 1', provider }] };
    const sent = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: { name: 'moving' }, spec };
    const headers = { 'content-type': 'application/json' };
    const created = await fetch(embedded.url + runs, { method: 'POST', headers, body: JSON.stringify(sent) });
    expect(created.status).toBe(201);
    expect((await assay(['export', '--data', embedded.data])).err).toContain('in use by another process');
    await embedded.stop();

    const file = join(folder, 'everything.jsonl');
    const exported = await assay(['export', file, '--data', embedded.data]);
    expect([exported.code, exported.err]).toEqual([0, expect.stringContaining('1 AnalysisRun')]);
    writeFileSync(`${file}.cut`, readFileSync(file, 'utf8').slice(0, -20));
    const target = ['--redis', redis.url];
    expect((await assay(['import', `${file}.cut`, ...target])).code).toBe(4);
    const imported = await assay(['import', file, ...target]);
    expect(imported.out).toContain('1 AnalysisRun');
    expect(imported.out).toContain('scheduled 1 runs');
    const piped = await assay(['import', ...target], { stdin: (await assay(['export', ...target])).out });
    expect(piped.out).toMatch(/^stored nothing; .*1 AnalysisRun.* there already/);

    const shared = await startAssay({ flags: target });
    const run = (await (await fetch(`${shared.url}${runs}/moving?wait=30s`)).json()) as { status: object };
    expect(run.status).toMatchObject({ phase: 'Successful', metricResults: [{ count: 4 }] });
    await Promise.all([shared.stop(), source.close()]);
  });

  it('say what is missing', async () => {
    const nowhere = await assay(['export', '--data', newFolder()]);
    expect([nowhere.code, nowhere.err]).toEqual([4, expect.stringContaining('no assay.db in')]);
    const noFile = await assay(['import', join(folder, 'nothing.jsonl'), '--data', newFolder()]);
    expect([noFile.code, noFile.err]).toEqual([4, expect.stringContaining('no such file')]);
    const away = await assay(['export', '--redis', 'redis://127.0.0.1:9']);
    expect([away.code, away.err]).toEqual([5, expect.stringContaining('cannot be reached')]);
  });
});
