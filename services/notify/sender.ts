import Type from 'typebox';
import { type Http, ProviderError } from '../../providers/contract.ts';
import { secretMask } from '../analysis/mask-secrets.ts';
import type { Clock, Log, Secrets } from '../engine/ports.ts';
import { type Channel, type ChannelCall, DeliveryFailure } from './channel.ts';
import { callbackChannel } from './channels/callback.ts';
import { CHANNEL_SETTINGS, createChannel } from './channels/index.ts';
import { failureOf } from './channels/post-json.ts';
import type { DeliveryDocument } from './delivery.ts';
import { idOf } from './delivery.ts';
import { messageOf } from './message.ts';
import type { NotificationSettings, ServiceSettings } from './settings.ts';
import { CALLBACK } from './target.ts';
import { renderTemplate } from './template.ts';

/** What the outside world is reached through; put together where the providers are. */
export interface Outside {
  /** The guarded client; ends with the signal. */
  send(request: Parameters<Http>[0], signal: AbortSignal): ReturnType<Http>;
  /** See ChannelCall. */
  retryAfterMs(answer: Parameters<ChannelCall['retryAfterMs']>[0], now: number): number | undefined;
  /** A reference of the settings (`{ env }`, `{ file }`, `{ secret }`) as text; `owner` is for the error. Throws ProviderError. */
  readReference(value: unknown, owner: string): Promise<string>;
  connectable(host: string): Promise<string>;
}

export interface SenderDeps {
  readonly settings: NotificationSettings;
  readonly publicUrl: string | undefined;
  readonly outside: Outside;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sender {
  /** What the delivery has to share its places with: targets that go down together. */
  laneOf(delivery: DeliveryDocument): string;
  /** Resolves when the target has taken it. Throws DeliveryFailure; its text holds no secret. */
  send(delivery: DeliveryDocument, signal: AbortSignal): Promise<void>;
}

/** Finds the channel of a delivery, writes the message, and sends it once. */
export function createSender(deps: SenderDeps): Sender {
  const { settings, outside } = deps;
  const channels = new Map(
    Object.entries(settings.services).map(([name, { type, ...fields }]) => [name, createChannel(type, fields)]),
  );

  function channelOf({ target, notice }: DeliveryDocument): Channel {
    if (target.service === CALLBACK)
      return callbackChannel(() => callbackSecret(deps.secrets, notice.run, target.secret));
    const channel = channels.get(target.service);
    if (channel !== undefined) return channel;
    const known = [...channels.keys()].join(', ') || 'none';
    throw new DeliveryFailure(
      'refused',
      `no service "${target.service}" is configured (setting notifications.services); there are ${known}`,
    );
  }

  return {
    laneOf({ target }) {
      if (target.service !== CALLBACK) return target.service;
      return `${CALLBACK} ${URL.parse(target.recipient)?.origin ?? ''}`;
    },
    async send(delivery, signal) {
      const { notice, target } = delivery;
      const found: string[] = [];
      const call: ChannelCall = {
        now: deps.clock.now(),
        signal,
        http: (request) => outside.send(request, signal),
        retryAfterMs: (answer) => outside.retryAfterMs(answer, deps.clock.now()),
        connectable: (host) => outside.connectable(host),
        async resolve(value) {
          if (typeof value === 'string') return value;
          const text = await outside.readReference(value, target.service);
          found.push(text);
          return text;
        },
      };
      try {
        const channel = channelOf(delivery);
        const message = await renderTemplate(messageOf(notice, deps.publicUrl), delivery, channel, deps);
        const { namespace = '', name } = delivery.metadata;
        await channel.send({ id: idOf({ namespace, name }), recipient: target.recipient, notice, message }, call);
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        const mask = secretMask([...found, ...textsOf(settings.services[target.service])].flatMap(partsOf));
        throw new DeliveryFailure(failure.kind, mask(failure.message), { retryAfterMs: failure.retryAfterMs });
      }
    },
  };
}

/** Credentials may stand in the settings as they are, some in maps. Short words (a port, a name) say nothing and would cut texts to pieces. */
function textsOf(service: ServiceSettings | undefined): readonly string[] {
  if (service === undefined) return [];
  const { type, ...fields } = service;
  const { properties } = CHANNEL_SETTINGS[type];
  return Object.entries(fields)
    .flatMap(([name, value]) => (Type.IsRecord(properties[name]) ? Object.values(value as object) : [value]))
    .filter((value): value is string => typeof value === 'string' && isTelling(value));
}

/** The secret of an incoming webhook is a part of its address. */
function partsOf(secret: string): readonly string[] {
  const url = URL.parse(secret);
  return url === null ? [secret] : [secret, ...url.pathname.split('/').filter(isTelling), url.search, url.password];
}

const isTelling = (text: string): boolean => text.length >= 12;

async function callbackSecret(
  secrets: Secrets,
  { namespace }: { readonly namespace: string },
  reference: string | undefined,
): Promise<string | undefined> {
  if (reference === undefined) return undefined;
  const [name = '', key = ''] = reference.split('/');
  const value = (await secrets.read(namespace, name))?.[key];
  if (value === undefined)
    throw new ProviderError(
      'refused',
      `the run's callback secret "${reference}" (NAME/KEY) is not in namespace "${namespace}"`,
    );
  return value;
}
