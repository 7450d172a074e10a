import Type from 'typebox';
import { type Channel, DeliveryFailure } from '../channel.ts';
import { clipped } from '../plain-text.ts';
import type { Trigger } from '../triggers.ts';
import { joined } from './pagerduty.ts';
import { deliver } from './post-json.ts';

export const OpsgenieSettings = Type.Object({
  apiKey: Type.Optional(Type.Unknown({ description: 'API key; recipients are the teams that respond.' })),
  apiKeys: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: "Keys of teams' own integrations, by recipient." }),
  ),
  apiUrl: Type.Optional(Type.String({ minLength: 1, description: 'https://api.eu.opsgenie.com in the EU.' })),
});

const API = 'https://api.opsgenie.com';
/** https://docs.opsgenie.com/docs/alert-api */
const MESSAGE = 130;
const DESCRIPTION = 15_000;
const PRIORITIES: Readonly<Record<Trigger, 'P1' | 'P2' | 'P3' | 'P5'>> = {
  'on-analysis-run-running': 'P5',
  'on-analysis-run-first-breach': 'P3',
  'on-analysis-run-successful': 'P5',
  'on-analysis-run-failed': 'P1',
  'on-analysis-run-error': 'P2',
  'on-analysis-run-inconclusive': 'P3',
};

/** Opsgenie alerts. A run is one alert, by its alias: what goes wrong opens it, success closes it. */
export function opsgenieChannel(fields: Readonly<Record<string, unknown>>): Channel {
  const keys = (fields['apiKeys'] ?? {}) as Readonly<Record<string, unknown>>;
  const api = ((fields['apiUrl'] as string | undefined) ?? API).replace(/\/+$/u, '');
  return {
    escape: (text) => text,
    async send({ recipient, notice, message }, call) {
      const own = Object.hasOwn(keys, recipient) ? keys[recipient] : undefined;
      const key = own ?? fields['apiKey'];
      if (key === undefined) throw new DeliveryFailure('refused', `no API key for "${recipient}" (apiKeys)`);
      const headers = { authorization: `GenieKey ${await call.resolve(key)}` };
      const alias = `assay/${notice.run.uid}`;
      if (notice.trigger === 'on-analysis-run-successful') {
        const url = `${api}/v2/alerts/${encodeURIComponent(alias)}/close?identifierType=alias`;
        await deliver(call, { url, headers, body: JSON.stringify({ source: 'Assay', note: message.sentence }) });
        return;
      }
      const { title, rows, sentence, link, text, note } = message;
      const details = { ...Object.fromEntries(joined(rows)), ...(link !== undefined && { Link: link }) };
      const lines = [text ?? [...rows.map(([label, value]) => `${label}: ${value}`), sentence].join('\n'), note, link];
      await deliver(call, {
        url: `${api}/v2/alerts`,
        headers,
        body: JSON.stringify({
          message: clipped(title, MESSAGE),
          alias,
          description: clipped(lines.filter((line) => line !== undefined).join('\n\n'), DESCRIPTION),
          details,
          source: 'Assay',
          entity: `${notice.run.namespace}/${notice.run.name}`,
          priority: PRIORITIES[notice.trigger],
          tags: [notice.trigger],
          ...(own === undefined && recipient !== '' && { responders: [{ type: 'team', name: recipient }] }),
        }),
      });
    },
  };
}
