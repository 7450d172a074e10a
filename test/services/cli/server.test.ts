import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NoVerdictError } from '../../../services/cli/command.ts';
import { serverOf } from '../../../services/cli/server.ts';
import { serve, type TestServer } from '../../support/http-server.ts';

let server: TestServer;
let queries: URLSearchParams[];
let watch: ServerResponse;

/** Shows a run as Running until it was watched. The watch has one event and half of the next, and is left open. */
beforeEach(async () => {
  queries = [];
  server = await serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://server');
    if (!searchParams.has('watch')) {
      response.end(JSON.stringify(runOf(queries.length === 0 ? 'Running' : 'Failed')));
      return;
    }
    queries.push(searchParams);
    watch = response;
    const frame = JSON.stringify({ type: 'MODIFIED', object: runOf('Running') });
    response.write(`${frame}\n${frame.slice(0, 20)}`);
  });
});
afterEach(() => server.close());

function runOf(phase: string): object {
  return { metadata: { name: 'checkout', resourceVersion: '7' }, status: { phase } };
}

/** Calls back once the watch has told something. Resolves with the phases of all states. */
async function follow(
  onWatched: () => unknown,
  signal: AbortSignal = new AbortController().signal,
): Promise<(string | undefined)[]> {
  const phases: (string | undefined)[] = [];
  const states = serverOf({ positionals: [], values: { server: server.url } }).follow('checkout', signal);
  for await (const { status } of states) if (phases.push(status?.phase) === 2) await onWatched();
  return phases;
}

describe('following a run', () => {
  it('asks for bookmarks, so that a connection is never silent for long', async () => {
    await follow(() => watch.end());
    expect(queries.map((query) => Object.fromEntries(query))).toEqual([
      { watch: 'true', fieldSelector: 'metadata.name=checkout', allowWatchBookmarks: 'true', resourceVersion: '7' },
    ]);
  });

  it.each([
    { name: 'ends', end: () => watch.end() },
    { name: 'breaks off', end: () => watch.destroy() },
  ])('looks again when its watch $name', async ({ end }) => {
    expect(await follow(end)).toEqual(['Running', 'Running', 'Failed']);
  });

  it('says that nobody answers when the server goes away', async () => {
    const gone = follow(() => server.close());
    await expect(gone).rejects.toThrow(NoVerdictError);
    await expect(gone).rejects.toThrow(`no answer from ${server.url}: `);
  });

  it('ends with the reason of its signal while the watch says nothing', async () => {
    const stop = new AbortController();
    const stopped = follow(() => stop.abort(new NoVerdictError('the time is up')), stop.signal);
    await expect(stopped).rejects.toThrow('the time is up');
  });
});
