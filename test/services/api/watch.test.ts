import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../../services/store/memory.ts';
import { ANALYSIS, runBody, type TestApi, templateBody, testApi } from '../../support/api.ts';
import { TestClock } from '../../support/clock.ts';

const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;

let api: TestApi;
let clock: TestClock;
let server: string;
const open: AbortController[] = [];

async function start(store = memoryStore()): Promise<void> {
  clock = new TestClock();
  api = await testApi({ clock, store });
  server = await api.app.listen({ host: '127.0.0.1', port: 0 });
}

beforeEach(() => start());
afterEach(async () => {
  for (const controller of open.splice(0)) controller.abort();
  await api.app.close();
});

interface Watch {
  readonly status: number;
  readonly type: string | null;
  /** The next text up to and without `end`; undefined when the stream is over. */
  next(end?: string): Promise<string | undefined>;
  close(): void;
}

async function watch(query: string, headers: Record<string, string> = {}, path = RUNS): Promise<Watch> {
  const controller = new AbortController();
  open.push(controller);
  const answer = await fetch(`${server}${path}?${query}`, { headers, signal: controller.signal });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    async next(end = '\n') {
      for (;;) {
        const at = buffer.indexOf(end);
        if (at >= 0) {
          const text = buffer.slice(0, at);
          buffer = buffer.slice(at + end.length);
          return text;
        }
        const { value, done } = await reader.read();
        if (done) return undefined;
        buffer += value;
      }
    },
    close: () => controller.abort(),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: frames carry objects of every shape.
const frame = async (stream: Watch): Promise<any> => JSON.parse((await stream.next()) ?? '{"type":"END"}');
const brief = async (stream: Watch) => {
  const { type, object } = await frame(stream);
  return object === undefined
    ? type
    : `${type} ${object.metadata.name} ${object.metadata.resourceVersion} ${object.status?.phase ?? '-'}`;
};
const create = (name: string, labels: object = {}) =>
  api.call('POST', RUNS, { ...runBody(name), metadata: { name, labels } });
const patch = (name: string, body: object) => api.call('PATCH', `${RUNS}/${name}`, body);

describe('a watch', () => {
  it('begins with what exists, then tells each change in order', async () => {
    await create('a');
    const stream = await watch('watch=true');
    expect([stream.status, stream.type]).toEqual([200, 'application/json']);
    expect(await brief(stream)).toBe('ADDED a 2 -');
    await patch('a', { status: { phase: 'Running' } });
    await create('b');
    await api.call('DELETE', `${RUNS}/a`);
    expect([await brief(stream), await brief(stream), await brief(stream)]).toEqual([
      'MODIFIED a 3 Running',
      'ADDED b 4 -',
      'DELETED a 5 Running',
    ]);
  });

  it('sends its headers before there is anything to tell', async () => {
    const stream = await watch('watch=1&resourceVersion=1');
    expect(stream.status).toBe(200);
  });

  it('goes on from a version without gap or repetition', async () => {
    await create('a');
    await patch('a', { status: { phase: 'Running' } });
    await create('b');
    const stream = await watch('watch=true&resourceVersion=2');
    expect([await brief(stream), await brief(stream)]).toEqual(['MODIFIED a 3 Running', 'ADDED b 4 -']);
  });

  it('knows nothing of other namespaces and kinds', async () => {
    const stream = await watch('watch=true&resourceVersion=1');
    await api.call('POST', `${ANALYSIS}/namespaces/other/analysisruns`, runBody('x'));
    await api.call('POST', `${ANALYSIS}/namespaces/shop/analysistemplates`, {
      ...runBody('t'),
      kind: 'AnalysisTemplate',
    });
    await create('mine');
    expect(await brief(stream)).toBe('ADDED mine 4 -');
  });

  it('takes an object that starts to match for added, one that stops for deleted', async () => {
    await create('a', { team: 'shop' });
    await create('b', { team: 'pay' });
    const stream = await watch('watch=true&resourceVersion=3&labelSelector=team%3Dshop');
    await patch('b', { status: { phase: 'Running' } });
    await patch('a', { metadata: { labels: { team: 'pay' } }, status: { phase: 'Failed' } });
    await patch('b', { metadata: { labels: { team: 'shop' } } });
    await patch('b', { status: { phase: 'Failed' } });
    await api.call('DELETE', `${RUNS}/a`);
    await api.call('DELETE', `${RUNS}/b`);
    const left = await frame(stream);
    // The last state that matched, with the version at which it left.
    expect([left.type, left.object.metadata.labels, left.object.metadata.resourceVersion, left.object.status]).toEqual([
      'DELETED',
      { team: 'shop' },
      '5',
      undefined,
    ]);
    expect([await brief(stream), await brief(stream), await brief(stream)]).toEqual([
      'ADDED b 6 Running',
      'MODIFIED b 7 Failed',
      'DELETED b 9 Failed',
    ]);
  });

  it('sends tables, the columns once', async () => {
    await create('a');
    await create('b');
    const stream = await watch('watch=true', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    const [first, second] = [await frame(stream), await frame(stream)];
    expect(first.object).toMatchObject({
      kind: 'Table',
      metadata: { resourceVersion: '2' },
      rows: [{ cells: ['a', '', '0s', ''], object: { kind: 'PartialObjectMetadata' } }],
    });
    expect(first.object.columnDefinitions).toHaveLength(4);
    expect(second.object.columnDefinitions).toBeNull();
  });

  it('sends bookmarks when they are asked for, never else', async () => {
    await create('a');
    const [asked, unasked] = [
      await watch('watch=true&resourceVersion=2&allowWatchBookmarks=true'),
      await watch('watch=true&resourceVersion=2&timeoutSeconds=90'),
    ];
    await api.call('POST', `${ANALYSIS}/namespaces/other/analysisruns`, runBody('x'));
    await api.call('POST', `${ANALYSIS}/namespaces/shop/analysistemplates`, templateBody('t'));
    await clock.advance(60_000);
    // The newest version of the whole store: a reader of a quiet kind can go on from it after an hour.
    const bookmark = await frame(asked);
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'AnalysisRun', apiVersion: 'argoproj.io/v1alpha1', metadata: { resourceVersion: '4' } },
    });
    expect(bookmark.object.spec).toBeUndefined();
    await clock.advance(30_000);
    expect(await unasked.next()).toBeUndefined();
  });

  it('ends after timeoutSeconds, with a bookmark where they are asked for', async () => {
    const stream = await watch('watch=true&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=5');
    await create('a');
    expect(await brief(stream)).toBe('ADDED a 2 -');
    await clock.advance(5000);
    expect((await frame(stream)).type).toBe('BOOKMARK');
    expect(await stream.next()).toBeUndefined();
  });

  it('ends by itself after half an hour to an hour', async () => {
    const stream = await watch('watch=true&resourceVersion=1');
    await clock.advance(60 * 60_000);
    expect(await stream.next()).toBeUndefined();
  });

  it('marks the end of what existed for clients that list by watching', async () => {
    await create('a');
    const stream = await watch(
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    expect(await brief(stream)).toBe('ADDED a 2 -');
    expect(await frame(stream)).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await create('b');
    expect(await brief(stream)).toBe('ADDED b 3 -');
  });

  it('says 410 in an ERROR frame and ends when the history no longer reaches back', async () => {
    await api.app.close();
    await start(memoryStore({ historyChanges: 2 }));
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await create(name);
    const stream = await watch('watch=true&resourceVersion=2');
    expect(stream.status).toBe(200);
    expect(await frame(stream)).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 2 (7)',
        reason: 'Expired',
        code: 410,
      },
    });
    expect(await stream.next()).toBeUndefined();
  });

  it('waits in silence for a version of the future', async () => {
    const stream = await watch('watch=true&resourceVersion=3');
    for (const name of ['a', 'b', 'c']) await create(name);
    expect(await brief(stream)).toBe('ADDED c 4 -');
  });

  it.each([
    { query: 'watch=true&resourceVersion=x', status: 400 },
    { query: 'watch=perhaps', status: 400 },
    { query: 'watch=true&fieldSelector=status.phase%3DFailed', status: 400 },
    { query: 'watch=true&sendInitialEvents=true', status: 422 },
    { query: 'watch=true&resourceVersionMatch=NotOlderThan', status: 422 },
  ])('is refused with $query', async ({ query, status }) => {
    const answer = await fetch(`${server}${RUNS}?${query}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ kind: 'Status', code: status });
  });

  it('ends when the server stops', async () => {
    const stream = await watch('watch=true&resourceVersion=1');
    const closed = api.app.close();
    expect(await stream.next()).toBeUndefined();
    await closed;
  });

  it('holds up no server that stops, though its client has left it and connected anew', async () => {
    const stream = await watch('watch=true&resourceVersion=1');
    stream.close();
    const ahead = connect(Number(new URL(server).port), '127.0.0.1');
    await once(ahead, 'connect');
    const ended = once(ahead, 'close');
    const before = performance.now();
    await Promise.all([api.app.close(), ended]);
    expect(performance.now() - before).toBeLessThan(2500);
  });

  it('leaves nothing behind when its client goes', async () => {
    const stream = await watch('watch=true&resourceVersion=1&allowWatchBookmarks=true');
    expect(clock.nextWake()).toBeDefined();
    stream.close();
    await expect.poll(() => clock.nextWake()).toBeUndefined();
  });
});

describe('server-sent events', () => {
  it('carry the frames, with ids to go on from', async () => {
    await create('a');
    const stream = await watch('watch=true', { accept: 'text/event-stream' });
    expect(stream.type).toBe('text/event-stream');
    const [event, id, data] = (await stream.next('\n\n'))!.split('\n');
    expect([event, id, JSON.parse(data!.slice('data: '.length)).metadata.name]).toEqual(['event: ADDED', 'id: 2', 'a']);
    await create('b');
    await create('c');
    const again = await watch('', { accept: 'text/event-stream', 'last-event-id': '3' });
    expect(await again.next('\n\n')).toMatch(/^event: ADDED\nid: 4\ndata: .*"name":"c"/);
    await clock.advance(15_000);
    expect(await again.next('\n\n')).toBe(': still here');
  });

  it('go on after the last id though the address still names the version that they began with', async () => {
    await create('a');
    await create('b');
    await create('c');
    const seen = { 'last-event-id': '3' };
    const again = await watch('resourceVersion=2', { ...seen, accept: 'text/event-stream' });
    expect(await again.next('\n\n')).toMatch(/^event: ADDED\nid: 4\n/);
    expect(await brief(await watch('watch=true&resourceVersion=2', seen))).toBe('ADDED b 3 -');
  });
});

describe('?wait=', () => {
  const get = (query: string) =>
    fetch(`${server}${RUNS}/a?${query}`).then(async (answer) => ({
      status: answer.status,
      body: (await answer.json()) as { message: string; metadata: { name: string }; status: { phase: string } },
    }));
  const waiting = () => expect.poll(() => clock.nextWake()).toBeDefined();

  it('answers when the run completes', async () => {
    await create('a');
    const answer = get('wait=30s');
    await waiting();
    await patch('a', { status: { phase: 'Running' } });
    await patch('a', { status: { phase: 'Failed' } });
    expect((await answer).body.status.phase).toBe('Failed');
    expect(clock.nextWake()).toBeUndefined();
  });

  it('answers at once when it is completed', async () => {
    await api.call('POST', RUNS, { ...runBody('a'), status: { phase: 'Successful' } });
    expect((await get('wait=30s')).body.status.phase).toBe('Successful');
  });

  it('answers with the run as it is when the time is up', async () => {
    await create('a');
    const answer = get('wait=30');
    await waiting();
    await clock.advance(30_000);
    expect((await answer).body.metadata.name).toBe('a');
  });

  it.each([
    {
      name: 'that is deleted meanwhile',
      query: 'wait=30s',
      status: 404,
      change: () => api.call('DELETE', `${RUNS}/a`),
    },
  ])('answers $status for a run $name', async ({ query, status, change }) => {
    await create('a');
    const answer = get(query);
    await waiting();
    await change();
    expect((await answer).status).toBe(status);
  });

  it('refuses what is no duration', async () => {
    await create('a');
    expect((await get('wait=soon')).body.message).toContain('wait must be a duration such as 30s or 2m');
  });
});
