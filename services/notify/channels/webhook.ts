import Type from 'typebox';
import { type Channel, DeliveryFailure } from '../channel.ts';
import { deliver } from './post-json.ts';

export const WebhookSettings = Type.Object({
  url: Type.Unknown({ description: 'Where to post. A recipient that is a path is put behind it.' }),
  secret: Type.Optional(
    Type.Unknown({ description: 'Signs what is sent, as Standard Webhooks has it: whsec_ and base64.' }),
  ),
  headers: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Further headers.' })),
});

interface Signed {
  readonly id: string;
  readonly body: string;
  readonly now: number;
}

/** Facts as JSON, signed as Standard Webhooks (https://www.standardwebhooks.com) has it. The id stays the same when a message is sent again. */
export function webhookChannel(fields: Readonly<Record<string, unknown>>): Channel {
  return {
    escape: (text) => text,
    async send({ id, recipient, notice, message }, call) {
      const url = await call.resolve(fields['url']);
      const named = await Promise.all(
        Object.entries(fields['headers'] ?? {}).map(
          async ([name, value]) => [name, await call.resolve(value)] as const,
        ),
      );
      const body = JSON.stringify({ type: notice.trigger, timestamp: notice.at, data: { ...notice, ...message } });
      const secret = fields['secret'] === undefined ? undefined : await call.resolve(fields['secret']);
      const headers = { ...Object.fromEntries(named), ...(await signature(secret, { id, body, now: call.now })) };
      await deliver(call, { url: placed(url, recipient), headers, body });
    },
  };
}

function placed(url: string, recipient: string): string {
  return recipient === ''
    ? url
    : `${url.replace(/\/+$/u, '')}/${recipient.split('/').map(encodeURIComponent).join('/')}`;
}

/** The headers of Standard Webhooks; without a secret only id and time. */
export async function signature(
  secret: string | undefined,
  { id, body, now }: Signed,
): Promise<Readonly<Record<string, string>>> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(now / 1000)) };
  if (secret === undefined) return headers;
  const { Webhook } = await import('standardwebhooks');
  try {
    return { ...headers, 'webhook-signature': new Webhook(secret).sign(id, new Date(now), body) };
  } catch (cause) {
    throw new DeliveryFailure('refused', 'the secret for signing must be whsec_ and base64', { cause });
  }
}
