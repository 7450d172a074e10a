import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { AnalysisRun } from '../../../../services/domain/run.ts';
import type { ChannelCall } from '../../../../services/notify/channel.ts';
import { emailChannel } from '../../../../services/notify/channels/email.ts';
import { messageOf } from '../../../../services/notify/message.ts';
import { noticeOf } from '../../../../services/notify/notice.ts';

const ANSWERS: Readonly<Record<string, string>> = {
  greeting: '220 mail.example\r\n',
  EHLO: '250 mail.example\r\n',
  MAIL: '250 OK\r\n',
  RCPT: '250 OK\r\n',
  DATA: '354 go ahead\r\n',
};
/** A line is added this often to an answer that never ends, as tarpits do: no client's timeout for silence goes off. */
const DRIP_MS = 10;

let server: Server;
let drip: NodeJS.Timeout | undefined;
afterEach(() => {
  clearInterval(drip);
  server.close();
});

/** Takes one connection as far as this, then says nothing, or too much. Emits `reached` with its socket. */
async function startTarpit(until: string, drips: boolean): Promise<{ port: number; heard: EventEmitter }> {
  const heard = new EventEmitter();
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    const say = (word: string): void => {
      if (word !== until) {
        socket.write(ANSWERS[word]!);
        return;
      }
      if (drips) drip = setInterval(() => socket.write(ANSWERS[word]!.replace(' ', '-')), DRIP_MS);
      heard.emit('reached', socket);
    };
    socket.on('data', (line) => say(line.toString().slice(0, 4)));
    say('greeting');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, heard };
}

function send(port: number, signal: AbortSignal): Promise<void> {
  const metadata = { namespace: 'shop', name: 'checkout', uid: 'u' };
  const run: AnalysisRun = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata,
    spec: { metrics: [] },
  };
  const notice = noticeOf(run, { trigger: 'on-analysis-run-failed', at: 0 }, 0);
  const call: ChannelCall = {
    now: 0,
    signal,
    connectable: async (host) => host,
    resolve: async (value) => String(value),
    retryAfterMs: () => undefined,
    http: () => Promise.reject(new Error('a mail needs no HTTP')),
  };
  const fields = { host: '127.0.0.1', port, security: 'none', from: 'assay@shop.example' };
  const message = messageOf(notice, undefined);
  return emailChannel(fields).send({ id: 'x', recipient: 'oncall@shop.example', notice, message }, call);
}

it.each([
  { name: 'does not greet', until: 'greeting', drips: false },
  { name: 'greets without end', until: 'greeting', drips: true },
  { name: 'does not answer EHLO', until: 'EHLO', drips: false },
  { name: 'answers EHLO without end', until: 'EHLO', drips: true },
  { name: 'answers a recipient without end', until: 'RCPT', drips: true },
  { name: 'does not take the mail', until: 'DATA', drips: false },
])('ends with its signal, and its connection with it, when the server $name', async ({ until, drips }) => {
  const { port, heard } = await startTarpit(until, drips);
  const stop = new AbortController();
  const reached = once(heard, 'reached');
  const sent = expect(send(port, stop.signal)).rejects.toMatchObject({
    name: 'DeliveryFailure',
    kind: 'passing',
    cause: { name: 'AbortError' },
  });
  const [socket] = (await reached) as [Socket];
  const closed = once(socket, 'close');
  stop.abort(new Error('the process shuts down'));
  await Promise.all([sent, closed]);
});
