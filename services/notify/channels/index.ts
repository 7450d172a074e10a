import type { TObject } from 'typebox';
import type { Channel } from '../channel.ts';
import { WebhookSettings, webhookChannel } from './webhook.ts';

/** The types of services, as the settings name them, and what each needs. */
export const CHANNEL_SETTINGS = {
  webhook: WebhookSettings,
} as const satisfies Readonly<Record<string, TObject>>;

export type ChannelType = keyof typeof CHANNEL_SETTINGS;

const CHANNELS: Readonly<Record<ChannelType, (fields: Readonly<Record<string, unknown>>) => Channel>> = {
  webhook: webhookChannel,
};

export function createChannel(type: ChannelType, fields: Readonly<Record<string, unknown>>): Channel {
  return CHANNELS[type](fields);
}
