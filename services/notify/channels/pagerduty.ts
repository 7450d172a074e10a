import Type from 'typebox';
import { type Channel, DeliveryFailure } from '../channel.ts';
import { clipped } from '../plain-text.ts';
import type { Trigger } from '../triggers.ts';
import { deliver } from './post-json.ts';

export const PagerDutySettings = Type.Object({
  routingKey: Type.Optional(Type.Unknown({ description: 'Integration key of a service (Events API v2).' })),
  routingKeys: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'Keys by the names that recipients use.' }),
  ),
  url: Type.Optional(Type.String({ minLength: 1, description: 'Where events go; the EU has its own.' })),
});

const EVENTS = 'https://events.pagerduty.com/v2/enqueue';
const SUMMARY = 1024;
const SEVERITIES: Readonly<Record<Trigger, 'critical' | 'error' | 'warning' | 'info'>> = {
  'on-analysis-run-running': 'info',
  'on-analysis-run-first-breach': 'warning',
  'on-analysis-run-successful': 'info',
  'on-analysis-run-failed': 'critical',
  'on-analysis-run-error': 'error',
  'on-analysis-run-inconclusive': 'warning',
};

/** PagerDuty, Events API v2. A run is one incident: what goes wrong triggers it, success resolves it. */
export function pagerDutyChannel(fields: Readonly<Record<string, unknown>>): Channel {
  const keys = (fields['routingKeys'] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    escape: (text) => text,
    async send({ recipient, notice, message }, call) {
      const key = Object.hasOwn(keys, recipient) ? keys[recipient] : fields['routingKey'];
      if (key === undefined) throw new DeliveryFailure('refused', `no routing key for "${recipient}" (routingKeys)`);
      const { title, rows, sentence, link, text, note } = message;
      const { run, trigger } = notice;
      const isResolved = trigger === 'on-analysis-run-successful';
      const payload = {
        summary: clipped(text ?? `${title}: ${sentence}`, SUMMARY),
        source: `${run.namespace}/${run.name}`,
        severity: SEVERITIES[trigger],
        timestamp: notice.at,
        component: run.name,
        group: run.namespace,
        class: trigger,
        custom_details: {
          ...Object.fromEntries(joined(rows)),
          Reason: sentence,
          ...(note !== undefined && { Note: note }),
        },
      };
      const body = JSON.stringify({
        routing_key: await call.resolve(key),
        event_action: isResolved ? 'resolve' : 'trigger',
        dedup_key: `assay/${run.uid}`,
        ...(!isResolved && { payload, client: 'Assay' }),
        ...(!isResolved && link !== undefined && { client_url: link, links: [{ href: link, text: 'Open in Assay' }] }),
      });
      await deliver(call, { url: (fields['url'] as string | undefined) ?? EVENTS, body });
    },
  };
}

/** Rows of one label as one: two conditions are two lines. */
export function joined(rows: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const groups = Map.groupBy(rows, ([label]) => label);
  return [...groups].map(([label, same]) => [label, same.map(([, value]) => value).join('\n')]);
}
