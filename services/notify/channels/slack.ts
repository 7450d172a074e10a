import type { KnownBlock, RichTextElement } from '@slack/web-api';
import Type from 'typebox';
import type { HttpResponse } from '../../../providers/contract.ts';
import { type Channel, type ChannelCall, DeliveryFailure } from '../channel.ts';
import type { Message } from '../message.ts';
import { clipped } from '../plain-text.ts';
import { deliver, post, refuseUnlessTaken } from './post-json.ts';

export const SlackSettings = Type.Object({
  token: Type.Optional(Type.Unknown({ description: 'Bot token with chat:write; recipients are channels.' })),
  url: Type.Optional(Type.Unknown({ description: 'An incoming webhook instead; it has its own channel.' })),
  apiUrl: Type.Optional(Type.String({ minLength: 1, description: "Slack's API where it is not slack.com." })),
});

/** Slack's limits: https://docs.slack.dev/reference/block-kit/blocks */
const HEADER = 150;
const SECTION = 3_000;
const FALLBACK = 3_000;
/** Slack says these with `ok: false` although the message is right. */
const PASSING = new Set([
  'ratelimited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'rate_limited',
]);

/** Slack, through its Web API or an incoming webhook. Facts go as rich text, which takes every character as it is. */
export function slackChannel(fields: Readonly<Record<string, unknown>>): Channel {
  return {
    // https://docs.slack.dev/messaging/formatting-message-text: these three, and no others.
    escape: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    async send({ recipient, message }, call) {
      const fallback = this.escape(clipped(`${message.title}: ${message.sentence}`, FALLBACK));
      const content = { text: fallback, blocks: blocksOf(message) };
      if (fields['url'] !== undefined) {
        await deliver(call, { url: await call.resolve(fields['url']), body: JSON.stringify(content) });
        return;
      }
      const token = await call.resolve(fields['token']);
      await postMessage(token, fields['apiUrl'] as string | undefined, { channel: recipient, ...content }, call);
    },
  };
}

export function blocksOf({ title, rows, sentence, link, text, note }: Message): KnownBlock[] {
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: clipped(title, HEADER), emoji: false } },
  ];
  if (text !== undefined)
    blocks.push({ type: 'section', text: { type: 'mrkdwn', text: clipped(text, SECTION), verbatim: true } });
  else {
    const facts = rows.flatMap(([label, value]): RichTextElement[] => [
      { type: 'text', text: `${label}: `, style: { bold: true } },
      { type: 'text', text: `${value}\n` },
    ]);
    const elements: RichTextElement[] = [...facts, { type: 'text', text: sentence, style: { italic: true } }];
    blocks.push({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] });
  }
  const ends: RichTextElement[] = [];
  if (note !== undefined) ends.push({ type: 'text', text: `${note}\n` });
  if (link !== undefined) ends.push({ type: 'link', url: link, text: 'Open in Assay' });
  if (ends.length > 0) blocks.push({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: ends }] });
  return blocks;
}

async function postMessage(
  token: string,
  apiUrl: string | undefined,
  message: { readonly channel: string; readonly text: string; readonly blocks: KnownBlock[] },
  call: ChannelCall,
): Promise<void> {
  const { WebClient } = await import('@slack/web-api');
  let answer: HttpResponse | undefined;
  let failure: unknown;
  const client = new WebClient(token, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    // Trying again is the dispatcher's; the connection is the guard's.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: async (url, init) => {
      try {
        const headers = Object.fromEntries(new Headers(init?.headers).entries());
        answer = await post(call, { url: String(url), headers, body: String(init?.body ?? '') });
        return new Response(answer.body, { status: answer.status, headers: { ...answer.headers } });
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  try {
    await client.chat.postMessage({ ...message, unfurl_links: false });
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (answer !== undefined) refuseUnlessTaken(call, answer);
    const word = (error as { data?: { error?: string } }).data?.error;
    const text = word === undefined ? (error as Error).message : `Slack answered ${word}`;
    throw new DeliveryFailure(word !== undefined && !PASSING.has(word) ? 'refused' : 'passing', text, { cause: error });
  }
}

const nothing = (): void => {};
const SILENT = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => 'error' as never,
};
