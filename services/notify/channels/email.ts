import Type from 'typebox';
import { type Channel, type ChannelCall, DeliveryFailure } from '../channel.ts';
import type { Message } from '../message.ts';

export const EmailSettings = Type.Object({
  host: Type.String({ minLength: 1, description: 'SMTP server.' }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: '587 when absent, 465 for tls.' })),
  security: Type.Optional(
    Type.Enum(['starttls', 'tls', 'none'], { description: 'starttls when absent: nothing is sent before it.' }),
  ),
  username: Type.Optional(Type.Unknown({ description: 'For servers that want one.' })),
  password: Type.Optional(Type.Unknown({ description: 'Its password.' })),
  from: Type.String({ minLength: 1, description: 'Sender, as Assay <assay@shop.example>.' }),
});

const TIMEOUT_MS = 10_000;

/** Mail through SMTP, as text and as HTML. A recipient is an address. */
export function emailChannel(fields: Readonly<Record<string, unknown>>): Channel {
  return {
    escape: escapeHtml,
    async send({ id, recipient, notice, message }, call) {
      const { default: mailer } = await import('nodemailer');
      const transport = mailer.createTransport(await connectionOf(fields, call));
      try {
        await transport.sendMail({
          from: fields['from'] as string,
          to: { name: '', address: recipient },
          subject: message.title,
          text: textOf(message),
          html: htmlOf(message),
          // The same when it is sent again; mails about one run make one thread.
          messageId: `<${idPart(id)}@assay>`,
          references: `<${idPart(notice.run.uid)}@assay>`,
          date: new Date(call.now),
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
          signal: call.signal,
        });
      } catch (error) {
        throw failureOf(error);
      } finally {
        transport.close();
      }
    },
  };
}

async function connectionOf(fields: Readonly<Record<string, unknown>>, call: ChannelCall) {
  const { host, port, security = 'starttls' } = fields as { host: string; port?: number; security?: string };
  const username = fields['username'] === undefined ? undefined : await call.resolve(fields['username']);
  const password = fields['password'] === undefined ? undefined : await call.resolve(fields['password']);
  return {
    // The address that the guard has let through; the name is for the certificate.
    host: await call.connectable(host),
    tls: { servername: host },
    port: port ?? (security === 'tls' ? 465 : 587),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  };
}

/** SMTP's 5xx is for ever, its 4xx is not; without a code there was no answer. */
function failureOf(error: unknown): DeliveryFailure {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message: string };
  const isRefused = (responseCode ?? 0) >= 500 || (responseCode === undefined && code === 'EENVELOPE');
  return new DeliveryFailure(isRefused ? 'refused' : 'passing', message, { cause: error });
}

const idPart = (text: string): string => text.replace(/[^\w.-]+/gu, '.');

function textOf({ rows, sentence, link, text, note }: Message): string {
  const facts = rows.map(([label, value]) => `${label}: ${value}`).join('\n');
  const own = text === undefined ? undefined : withoutTags(text);
  return [own ?? `${facts}\n\n${sentence}`, note, link].filter((part) => part !== undefined).join('\n\n');
}

function htmlOf({ title, rows, sentence, link, text, note }: Message): string {
  const facts = rows
    .map(
      ([label, value]) => `<tr><th align="left">${escapeHtml(label)}</th><td><bdi>${escapeHtml(value)}</bdi></td></tr>`,
    )
    .join('');
  return [
    `<h2><bdi>${escapeHtml(title)}</bdi></h2>`,
    text ?? `<table>${facts}</table><p><bdi>${escapeHtml(sentence)}</bdi></p>`,
    note === undefined ? '' : `<p><em>${escapeHtml(note)}</em></p>`,
    link === undefined ? '' : `<p><a href="${escapeHtml(link)}">Open in Assay</a></p>`,
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (sign) => ENTITIES[sign]!);

/** A user's own HTML for those who read plain text. */
function withoutTags(html: string): string {
  const signs = Object.entries(ENTITIES).toReversed();
  return signs.reduce((text, [sign, entity]) => text.replaceAll(entity, sign), html.replace(/<[^>]*>/gu, ''));
}
