import Type from 'typebox';
import { type Channel, DeliveryFailure } from '../channel.ts';
import type { Message } from '../message.ts';
import { deliver } from './post-json.ts';

export const TeamsSettings = Type.Object({
  url: Type.Unknown({ description: 'Address of the workflow or incoming webhook; it has its own channel.' }),
});

/** Microsoft Teams: an Adaptive Card, as workflows and incoming webhooks take it. Runs of text, unlike text blocks, have no markup. */
export function teamsChannel(fields: Readonly<Record<string, unknown>>): Channel {
  return {
    escape: (text) => text.replace(/[\\`*_{}[\]()<>#+\-.!~|]/gu, String.raw`\$&`),
    async send({ message }, call) {
      const { body } = await deliver(call, {
        url: await call.resolve(fields['url']),
        body: JSON.stringify({
          type: 'message',
          attachments: [
            { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: cardOf(message) },
          ],
        }),
      });
      // Old connectors say so with status 200.
      if (/failed with error/iu.test(body)) throw new DeliveryFailure('passing', body.slice(0, 200));
    },
  };
}

const run = (text: string, style: object = {}) => ({ type: 'TextRun', text, ...style });
const block = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines });

function cardOf({ title, rows, sentence, link, text, note }: Message) {
  const facts = rows.map(([label, value]) => block(run(`${label}: `, { weight: 'bolder' }), run(value)));
  const own = { type: 'TextBlock', text, wrap: true };
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      block(run(title, { weight: 'bolder', size: 'large' })),
      ...(text === undefined ? [...facts, block(run(sentence, { isSubtle: true }))] : [own]),
      ...(note === undefined ? [] : [block(run(note, { isSubtle: true }))]),
    ],
    ...(link !== undefined && { actions: [{ type: 'Action.OpenUrl', title: 'Open in Assay', url: link }] }),
  };
}
