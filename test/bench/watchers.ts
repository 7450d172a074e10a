/**
 * Many clients that follow one API, in a process of their own, so that their work is not counted as Assay's. They only note which version came when.
 * `POST /watch {"port":N,"paths":[...]}` answers when all streams have begun. `POST /lateness [[revision, epoch ms], ...]` tells what came of the changes
 * that were acknowledged then.
 */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { json } from 'node:stream/consumers';

const VERSION = '"resourceVersion":"';
const QUOTE = 0x22;

const revisions: number[] = [];
const times: number[] = [];
let disorder = 0;

const now = (): number => performance.timeOrigin + performance.now();

function follow(port: number, path: string): Promise<void> {
  const begun = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: assay\r\naccept: application/json\r\n\r\n`);
  let rest = Buffer.alloc(0);
  let newest = 0;
  socket.on('data', (chunk) => {
    begun.resolve();
    const at = now();
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf('\n') + 1;
    for (let found = text.indexOf(VERSION); found >= 0 && found < end; found = text.indexOf(VERSION, found)) {
      found += VERSION.length;
      const revision = Number(text.toString('latin1', found, text.indexOf(QUOTE, found)));
      if (revision <= newest) disorder += 1;
      newest = revision;
      revisions.push(revision);
      times.push(at);
    }
    rest = text.subarray(end);
  });
  socket.on('error', begun.reject);
  return begun.promise;
}

function latenessOf(acknowledged: readonly (readonly [revision: number, at: number])[]) {
  const at = new Map(acknowledged);
  const lateness = new Float64Array(revisions.length);
  let count = 0;
  for (const [index, revision] of revisions.entries()) {
    const since = at.get(revision);
    if (since !== undefined) lateness[count++] = Math.max(0, times[index]! - since);
  }
  const sorted = lateness.subarray(0, count).sort();
  return { frames: count, median: sorted[count >> 1], p99: sorted[Math.floor(count * 0.99)], disorder };
}

async function answer(url: string | undefined, asked: unknown): Promise<unknown> {
  if (url !== '/watch') return latenessOf(asked as [number, number][]);
  const { port, paths } = asked as { port: number; paths: string[] };
  for (let at = 0; at < paths.length; at += 100)
    await Promise.all(paths.slice(at, at + 100).map((path) => follow(port, path)));
  return {};
}

const server = createServer((request, response) => {
  void json(request)
    .then((asked) => answer(request.url, asked))
    .then((told) => response.end(JSON.stringify(told)));
});
server.listen(0, '127.0.0.1', () => console.log(`listens on ${(server.address() as AddressInfo).port}.`));
