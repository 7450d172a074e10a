import type { Channel } from '../channel.ts';
import { deliver } from './post-json.ts';
import { signature } from './webhook.ts';

/** Where a run itself wants to be told of each change of its phase. `secret` reads what signs it, if anything does. */
export function callbackChannel(secret: () => Promise<string | undefined>): Channel {
  return {
    escape: (text) => text,
    async send({ id, recipient, notice, message }, call) {
      const { link } = message;
      const { trigger: type, at: timestamp, ...facts } = notice;
      const body = JSON.stringify({ type, timestamp, data: { ...facts, ...(link !== undefined && { link }) } });
      await deliver(call, {
        url: recipient,
        headers: await signature(await secret(), { id, body, now: call.now }),
        body,
      });
    },
  };
}
