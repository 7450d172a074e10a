import type { TObject } from 'typebox';
import type { Settings } from '../../config/settings.ts';
import type { Channel } from '../channel.ts';
import { EmailSettings, emailChannel } from './email.ts';
import { OpsgenieSettings, opsgenieChannel } from './opsgenie.ts';
import { PagerDutySettings, pagerDutyChannel } from './pagerduty.ts';
import { SlackSettings, slackChannel } from './slack.ts';
import { TeamsSettings, teamsChannel } from './teams.ts';
import { WebhookSettings, webhookChannel } from './webhook.ts';

/** The types of services, as the settings name them. */
export type ChannelType = Settings['notifications']['services'][string]['type'];

/** What each type needs. */
export const CHANNEL_SETTINGS: Readonly<Record<ChannelType, TObject>> = {
  slack: SlackSettings,
  teams: TeamsSettings,
  pagerduty: PagerDutySettings,
  opsgenie: OpsgenieSettings,
  email: EmailSettings,
  webhook: WebhookSettings,
};

const CHANNELS: Readonly<Record<ChannelType, (fields: Readonly<Record<string, unknown>>) => Channel>> = {
  slack: slackChannel,
  teams: teamsChannel,
  pagerduty: pagerDutyChannel,
  opsgenie: opsgenieChannel,
  email: emailChannel,
  webhook: webhookChannel,
};

export function createChannel(type: ChannelType, fields: Readonly<Record<string, unknown>>): Channel {
  return CHANNELS[type](fields);
}
