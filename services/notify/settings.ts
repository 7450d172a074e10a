import { problemWith } from '../config/check-value.ts';
import type { Settings } from '../config/settings.ts';
import { CHANNEL_SETTINGS, type ChannelType } from './channels/index.ts';
import { CALLBACK } from './target.ts';
import { TRIGGERS, unknownTriggers } from './triggers.ts';

/** What a service has besides its type is the channel's. */
export type ServiceSettings = { readonly type: ChannelType } & Readonly<Record<string, unknown>>;
export type NotificationSettings = Omit<Settings['notifications'], 'services'> & {
  readonly services: Readonly<Record<string, ServiceSettings>>;
};
export type SubscriptionSettings = NotificationSettings['subscriptions'][string];

/** Everything that is wrong with the settings of notifications beyond their form, a line each. */
export function notificationMistakes(settings: NotificationSettings): readonly string[] {
  const subscriptions = Object.entries(settings.subscriptions).flatMap(([name, { triggers = [], recipients }]) => [
    ...wrongTriggers(triggers, `subscriptions.${name}.triggers`),
    ...(recipients === undefined ? [`subscriptions.${name}.recipients: is missing`] : []),
    ...(recipients ?? []).flatMap((recipient) => wrongRecipient(recipient, name, settings)),
  ]);
  return [
    ...wrongTriggers(settings.defaultTriggers, 'defaultTriggers'),
    ...Object.entries(settings.services).flatMap(([name, service]) => wrongService(name, service)),
    ...subscriptions,
    ...Object.entries(settings.templates).flatMap(([name, { text }]) => [
      ...wrongTemplate(name, settings),
      ...(text === undefined ? [`templates.${name}.text: is missing`] : []),
    ]),
  ].map((mistake) => `notifications.${mistake}`);
}

function wrongTriggers(triggers: readonly string[], place: string): readonly string[] {
  return unknownTriggers(triggers).map((trigger) => `${place}: "${trigger}" is none of ${TRIGGERS.join(', ')}`);
}

function wrongRecipient(recipient: string, name: string, { services }: NotificationSettings): readonly string[] {
  const service = recipient.split(':')[0] ?? '';
  if (Object.hasOwn(services, service)) return [];
  const known = Object.keys(services).join(', ') || 'none';
  return [`subscriptions.${name}.recipients: "${recipient}" names no service (SERVICE:RECIPIENT); there are ${known}`];
}

function wrongService(name: string, { type, ...fields }: ServiceSettings): readonly string[] {
  const place = `services.${name}`;
  if (name === CALLBACK) return [`${place}: the name is taken, for what runs name themselves; choose another`];
  if (!/^[^.:\s]+$/u.test(name)) return [`${place}: the name must do without dots, colons and blanks`];
  if (!Object.hasOwn(CHANNEL_SETTINGS, type))
    return [`${place}.type: must be one of ${Object.keys(CHANNEL_SETTINGS).join(', ')}`];
  const schema = CHANNEL_SETTINGS[type];
  const isMute = type === 'slack' && fields['token'] === undefined && fields['url'] === undefined;
  const absent = (schema.required ?? []).filter((field) => fields[field] === undefined);
  return [
    ...(isMute ? [`${place}: a service of type slack needs a token, or the url of an incoming webhook`] : []),
    ...absent.map((field) => `${place}.${field}: is missing; a service of type ${type} needs it`),
    ...problemWith(schema, fields, place),
  ];
}

/** `TRIGGER`, or `SERVICE.TRIGGER`. */
function wrongTemplate(name: string, { services }: NotificationSettings): readonly string[] {
  const dot = name.indexOf('.');
  const [service, trigger] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const isKnown = service === undefined || Object.hasOwn(services, service);
  return unknownTriggers([trigger]).length === 0 && isKnown
    ? []
    : [`templates.${name}: the name must read TRIGGER or SERVICE.TRIGGER, with a service of these settings`];
}
