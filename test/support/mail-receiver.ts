import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { selfSigned } from './tls.ts';

export interface Mail {
  readonly to: readonly string[];
  readonly login: string | undefined;
  /** By name in lower case, encoded words read. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/** A real SMTP server that keeps what it is sent, parsed back. */
export interface MailReceiver {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Answers RCPT with this code from now on. */
  refuse(code: number | undefined): void;
  has(count: number): Promise<readonly Mail[]>;
  close(): Promise<void>;
}

/** With TLS it is localhost by its certificate, and hears nobody without. */
export async function startMailReceiver(security: 'none' | 'starttls' | 'tls' = 'none'): Promise<MailReceiver> {
  const mails: Mail[] = [];
  const heard = new EventEmitter();
  let refusal: number | undefined;
  const server = new SMTPServer({
    ...(security !== 'none' && selfSigned),
    secure: security === 'tls',
    allowInsecureAuth: security === 'none',
    authOptional: security === 'none',
    disabledCommands: security === 'starttls' ? [] : ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('wrong password')),
    onRcptTo: (_address, _session, done) =>
      refusal === undefined ? done() : done(Object.assign(new Error('no such mailbox'), { responseCode: refusal })),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({
          to,
          login: session.user as string | undefined,
          ...parse(Buffer.concat(chunks).toString('latin1')),
        });
        done();
        heard.emit('mail');
      });
    },
  });
  // A client that does not trust it breaks off.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refuse(code) {
      refusal = code;
    },
    async has(count) {
      while (mails.length < count) await once(heard, 'mail');
      return mails;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function parse(message: string): Omit<Mail, 'to' | 'login'> {
  const [headers, body] = split(message);
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')));
  const of = (type: string): string => {
    const [partHeaders, text] = parts.find(([each]) => each['content-type']?.startsWith(type)) ?? [{}, ''];
    return decoded(text, (partHeaders as Record<string, string>)['content-transfer-encoding'] ?? '7bit');
  };
  return { headers, text: of('text/plain'), html: of('text/html') };
}

function split(message: string): [Record<string, string>, string] {
  const at = message.indexOf('\r\n\r\n');
  const lines = message
    .slice(0, at)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), words(line.slice(colon + 1).trim())];
  });
  return [Object.fromEntries(headers) as Record<string, string>, message.slice(at + 4)];
}

/** RFC 2047. */
function words(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      decoded(
        how.toUpperCase() === 'Q' ? word.replaceAll('_', ' ') : word,
        how.toUpperCase() === 'Q' ? 'quoted-printable' : 'base64',
      ),
    );
}

function decoded(text: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return Buffer.from(text, 'latin1').toString('utf8');
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
