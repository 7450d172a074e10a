import type { Log } from '../engine/ports.ts';
import type { Channel } from './channel.ts';
import type { DeliveryDocument } from './delivery.ts';
import { idOf } from './delivery.ts';
import type { Message } from './message.ts';
import { plainLine, plainText } from './plain-text.ts';
import type { NotificationSettings } from './settings.ts';

/** Enough for a message; a template that wants more is a mistake, and must hold up nothing. */
const LIMITS = { parseLimit: 20_000, renderLimit: 100, memoryLimit: 1_000_000 };
const LONGEST_TEXT = 20_000;

/**
 * The message in the words of the settings' template for this trigger, if there is one: Liquid, strict, without files. Values are escaped for the channel, the
 * template's own text is the channel's syntax. One that fails costs its words and not the message: the default goes out, and says so.
 */
export async function renderTemplate(
  message: Message,
  delivery: DeliveryDocument,
  channel: Pick<Channel, 'escape'>,
  { settings, log }: { readonly settings: NotificationSettings; readonly log: Log },
): Promise<Message> {
  const { trigger, target, notice } = delivery;
  const own = [`${target.service}.${trigger}`, trigger].find((name) => Object.hasOwn(settings.templates, name));
  const template = own === undefined ? undefined : settings.templates[own];
  if (template === undefined) return message;
  try {
    const { Liquid } = await import('liquidjs');
    const common = { ...LIMITS, strictVariables: true, strictFilters: true, ownPropertyOnly: true, templates: {} };
    const words = { ...notice, title: message.title, rows: message.rows, link: message.link ?? '' };
    const escaping = new Liquid({ ...common, outputEscape: (value: unknown) => channel.escape(textOf(value)) });
    const plain = new Liquid({ ...common, outputEscape: (value: unknown) => textOf(value) });
    const title =
      template.title === undefined
        ? message.title
        : plainLine(String(await plain.parseAndRender(template.title, words)));
    const text = String(await escaping.parseAndRender(template.text, words));
    if (text.length > LONGEST_TEXT)
      throw new Error(`the text has ${text.length} characters; at most ${LONGEST_TEXT} are sent`);
    return { ...message, title, text };
  } catch (error) {
    const problem = plainLine(error instanceof Error ? error.message : String(error), 300);
    const { namespace = '', name } = delivery.metadata;
    log.warn(
      { delivery: idOf({ namespace, name }), template: own, error: problem },
      'template failed, the default text is sent',
    );
    return { ...message, note: `This is the default text: template "${own}" failed: ${problem}` };
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plainText(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_TEXT);
}
