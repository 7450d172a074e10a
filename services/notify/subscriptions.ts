import type { AnalysisRun } from '../domain/run.ts';
import { readYaml } from '../manifest/read-yaml.ts';
import type { NotificationSettings, SubscriptionSettings } from './settings.ts';
import { CALLBACK, CALLBACK_SECRET, CALLBACK_URL, type Target } from './target.ts';
import { FIRST_BREACH, type Trigger } from './triggers.ts';

const PREFIX = 'notifications.argoproj.io/';
const SUBSCRIBE = `${PREFIX}subscribe.`;
/** Argo takes any annotation that begins like this. */
const SUBSCRIPTIONS = `${PREFIX}subscriptions`;
const MAX_DEPTH = 10;

export interface Subscription {
  /** Empty: the default ones. */
  readonly trigger: string;
  readonly service: string;
  readonly recipient: string;
}

/** Everybody who wants to hear of this about this run, each once. `inherited` are the annotations of the templates that it was put together from. */
export function targetsOf(
  run: AnalysisRun,
  trigger: Trigger,
  settings: NotificationSettings,
  inherited: readonly Readonly<Record<string, string>>[] = [],
): readonly Target[] {
  const { annotations = {} } = run.metadata;
  const hasServices = Object.keys(settings.services).length > 0;
  const subscribed = hasServices
    ? [
        ...[annotations, ...inherited].flatMap(subscriptionsIn),
        ...Object.values(settings.subscriptions).flatMap((each) => configured(run, each)),
      ]
    : [];
  const targets = subscribed
    .filter((each) => (each.trigger === '' ? settings.defaultTriggers.includes(trigger) : each.trigger === trigger))
    .map(({ service, recipient }): Target => ({ service, recipient }));
  const url = annotations[CALLBACK_URL];
  if (url && trigger !== FIRST_BREACH) {
    const secret = annotations[CALLBACK_SECRET];
    targets.push({ service: CALLBACK, recipient: url, ...(secret && { secret }) });
  }
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()];
}

/** What annotations in Argo's forms ask for. One that cannot be read asks for nothing, as in Argo. */
export function subscriptionsIn(annotations: Readonly<Record<string, string>>): readonly Subscription[] {
  return Object.entries(annotations).flatMap(([key, value]) => {
    if (key.startsWith(SUBSCRIBE)) return fromKey(key.slice(SUBSCRIBE.length), value);
    return key.startsWith(SUBSCRIPTIONS) ? fromYaml(value) : [];
  });
}

/** `TRIGGER.SERVICE` or `SERVICE`; recipients are separated by semicolons, and nothing at all is one recipient without a name. */
function fromKey(place: string, value: string): readonly Subscription[] {
  const [first = '', second] = place.split('.');
  const [trigger, service] = second === undefined ? ['', first] : [first, second];
  const recipients = value.split(';').map((recipient) => recipient.trim());
  const named = value === '' ? [''] : recipients.filter((recipient) => recipient !== '');
  return named.map((recipient) => ({ trigger, service, recipient }));
}

/** A list of `{ trigger: [], destinations: [{ service, recipients: [] }] }`. */
function fromYaml(text: string): readonly Subscription[] {
  const found: Subscription[] = [];
  for (const item of listOf(yamlOf(text))) {
    const triggers = 'trigger' in item ? wordsOf(item['trigger']) : [''];
    for (const destination of listOf(item['destinations']))
      for (const recipient of 'recipients' in destination ? wordsOf(destination['recipients']) : [''])
        for (const trigger of triggers)
          found.push({ trigger, service: String(destination['service'] ?? ''), recipient });
  }
  return found.filter(({ service }) => service !== '');
}

function yamlOf(text: string): unknown {
  try {
    return readYaml(text, MAX_DEPTH)[0]?.value;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}

function wordsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((word) => typeof word === 'string');
}

/** `service:recipient`, or `service` alone. */
function configured({ metadata }: AnalysisRun, subscription: SubscriptionSettings): readonly Subscription[] {
  const { namespaces, labels = {}, recipients, triggers = [''] } = subscription;
  if (namespaces !== undefined && !namespaces.includes(metadata.namespace ?? '')) return [];
  if (Object.entries(labels).some(([key, value]) => metadata.labels?.[key] !== value)) return [];
  return recipients.flatMap((text) => {
    const colon = text.indexOf(':');
    const [service, recipient] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
    return triggers.map((trigger) => ({ trigger, service, recipient }));
  });
}
