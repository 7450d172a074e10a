/** What each channel sends, taken in by real servers and held to what the vendors document. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MailReceiver, startMailReceiver } from '../../support/mail-receiver.ts';
import { type Received, type Receiver, startReceiver } from '../../support/receiver.ts';
import { selfSigned } from '../../support/tls.ts';
import { type NotifyBench, notifyBench } from './bench.ts';

const ARTIFACTS = new URL('../../artifacts/', import.meta.url);
const LINK = 'https://assay.example/#/runs/shop/checkout-5';
/** What a person on call needs to see, whatever the channel. */
const EVIDENCE = ['error-rate', '0.2', 'failureCondition "result > 0.1" was true', 'Samples', LINK];
const HOSTILE = '*bold* <!channel> <script>alert(1)</script> [x](https://evil.example) \u202egnp.exe & "quoted"';

let receiver: Receiver;
let mail: MailReceiver;
const benches: NotifyBench[] = [];
const shown = new Map<string, string>();
beforeEach(async () => {
  [receiver, mail] = await Promise.all([startReceiver(), startMailReceiver()]);
});
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.stop()));
  await Promise.all([receiver.close(), mail.close()]);
});
afterAll(() => {
  mkdirSync(ARTIFACTS, { recursive: true });
  const sections = [...shown].map(([name, text]) => `## ${name}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  writeFileSync(
    new URL('notifications.md', ARTIFACTS),
    `# The default notification of a failed run\n\n${sections.join('\n')}`,
  );
});

type Name = 'slack' | 'slack-hook' | 'teams' | 'pagerduty' | 'opsgenie' | 'webhook';
const SERVICES = (): Record<Name | 'email', object> => ({
  slack: { type: 'slack', token: { env: 'SLACK_TOKEN' }, apiUrl: `${receiver.url}/api/` },
  'slack-hook': { type: 'slack', url: `${receiver.url}/services/T0/B0/secret-of-the-hook` },
  teams: { type: 'teams', url: `${receiver.url}/workflows/1` },
  pagerduty: {
    type: 'pagerduty',
    routingKeys: { checkout: 'routing-key-of-checkout' },
    url: `${receiver.url}/v2/enqueue`,
  },
  opsgenie: { type: 'opsgenie', apiKey: 'api-key-of-opsgenie', apiUrl: receiver.url },
  email: {
    type: 'email',
    host: '127.0.0.1',
    port: mail.port,
    security: 'none',
    username: 'assay',
    password: 'right',
    from: 'Assay <assay@shop.example>',
  },
  webhook: { type: 'webhook', url: receiver.url },
});

/** A run that fails, told to one service. */
async function told(
  name: Name | 'email',
  recipient: string,
  more: {
    templates?: object;
    metric?: string;
    labels?: Record<string, string>;
    values?: readonly number[];
    triggers?: string[];
    answer?: { status: number; headers?: Record<string, string>; body?: string };
    service?: object;
  } = {},
) {
  const triggers = more.triggers ?? ['on-analysis-run-failed'];
  const bench = await notifyBench({
    publicUrl: 'https://assay.example',
    setting: (setting: string) => (setting === 'SLACK_TOKEN' ? 'xoxb-token-of-slack' : undefined),
    notifications: {
      services: { [name]: { ...SERVICES()[name], ...more.service } },
      subscriptions: { one: { recipients: [`${name}:${recipient}`], triggers } },
      templates: more.templates ?? {},
    },
  });
  benches.push(bench);
  const taken = { headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };
  receiver.answer(({ path }) => more.answer ?? { ...taken, status: path.startsWith('/api/') ? 200 : 202 });
  await bench.finish('checkout-5', { labels: { app: 'checkout', ...more.labels } }, more.values ?? [0.2], more.metric);
  return bench;
}
async function first(): Promise<Received> {
  return (await receiver.has(1))[0]!;
}
describe('a failed run', () => {
  const cases: { name: Name; recipient: string; path: string; headers?: object; body: object }[] = [
    {
      name: 'slack',
      recipient: 'releases',
      path: '/api/chat.postMessage',
      headers: { authorization: 'Bearer xoxb-token-of-slack' },
      body: {},
    },
    {
      name: 'slack-hook',
      recipient: '',
      path: '/services/T0/B0/secret-of-the-hook',
      body: {
        text: expect.stringContaining('error-rate'),
        blocks: [{ type: 'header' }, { type: 'rich_text' }, { type: 'rich_text' }],
      },
    },
    {
      name: 'teams',
      recipient: '',
      path: '/workflows/1',
      body: {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: { type: 'AdaptiveCard', version: '1.4', actions: [{ type: 'Action.OpenUrl', url: LINK }] },
          },
        ],
      },
    },
    {
      name: 'pagerduty',
      recipient: 'checkout',
      path: '/v2/enqueue',
      body: {
        routing_key: 'routing-key-of-checkout',
        event_action: 'trigger',
        dedup_key: expect.stringMatching(/^assay\/[-0-9a-f]{36}$/),
        payload: {
          severity: 'critical',
          source: 'shop/checkout-5',
          timestamp: '2026-01-01T00:00:00Z',
          custom_details: { Value: '0.2', Samples: '1' },
        },
        links: [{ href: LINK }],
      },
    },
    {
      name: 'opsgenie',
      recipient: 'sre',
      path: '/v2/alerts',
      headers: { authorization: 'GenieKey api-key-of-opsgenie' },
      body: {
        message: 'Analysis run shop/checkout-5 is Failed',
        alias: expect.stringMatching(/^assay\/[-0-9a-f]{36}$/),
        priority: 'P1',
        responders: [{ type: 'team', name: 'sre' }],
      },
    },
    { name: 'webhook', recipient: 'releases', path: '/releases', body: { type: 'on-analysis-run-failed' } },
  ];
  it.each(cases)('reaches $name in its form, with metric, value, condition, samples and link', async (each) => {
    const bench = await told(each.name, each.recipient);
    const got = await first();
    const body = got.body ?? Object.fromEntries(new URLSearchParams(got.text));
    const blocks = typeof body.blocks === 'string' ? { ...body, blocks: JSON.parse(body.blocks) } : body;
    expect(got).toMatchObject({ method: 'POST', path: each.path, headers: each.headers ?? {} });
    expect(blocks).toMatchObject(each.body);
    if (each.name === 'slack')
      expect(blocks).toMatchObject({ channel: 'releases', blocks: [{ type: 'header' }, {}, {}] });
    const text = JSON.stringify(blocks).replaceAll('\\"', '"');
    for (const part of EVIDENCE.filter((word) => word !== 'Samples' || each.name !== 'webhook'))
      expect(text).toContain(part);
    shown.set(each.name, `${got.method} ${got.path}\n\n${JSON.stringify(blocks, null, 2)}`);
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'delivered');
    const kept = JSON.stringify([await bench.deliveries(), bench.engine.logged]);
    for (const secret of ['xoxb-token', 'secret-of-the-hook', 'routing-key-of', 'api-key-of'])
      expect(kept).not.toContain(secret);
  });

  it('reaches a mailbox as text and HTML, with the same in both', async () => {
    await told('email', 'oncall@shop.example');
    const [got] = await mail.has(1);
    expect(got).toMatchObject({ to: ['oncall@shop.example'], login: 'assay' });
    expect(got!.headers).toMatchObject({
      subject: 'Analysis run shop/checkout-5 is Failed',
      'auto-submitted': 'auto-generated',
    });
    for (const part of EVIDENCE) {
      expect(got!.text).toContain(part);
      expect(got!.html).toContain(part.replaceAll('"', '&quot;').replaceAll('>', '&gt;'));
    }
    shown.set('email (text)', `Subject: ${got!.headers['subject']}\n\n${got!.text}`);
    shown.set('email (HTML)', got!.html);
  });
});

describe('an incident', () => {
  const ALL = ['on-analysis-run-first-breach', 'on-analysis-run-successful', 'on-analysis-run-failed'];
  it('of PagerDuty is resolved by the success that follows a breach, under the same key', async () => {
    const bench = await told('pagerduty', 'checkout', { triggers: ALL });
    receiver.answer(() => ({ status: 202 }));
    await receiver.has(2);
    await bench.until(() => bench.outcomes.length === 2);
    const bodies = receiver.received.map(({ body }) => body);
    expect(bodies.map((body) => [body.event_action, body.payload.severity])).toEqual([
      ['trigger', 'warning'],
      ['trigger', 'critical'],
    ]);
    expect(new Set(bodies.map((body) => body.dedup_key)).size).toBe(1);
  });
  it.each([
    { name: 'pagerduty' as const, recipient: 'checkout', path: '/v2/enqueue' },
    {
      name: 'opsgenie' as const,
      recipient: 'sre',
      path: expect.stringMatching(/^\/v2\/alerts\/assay%2F[-0-9a-f]{36}\/close\?identifierType=alias$/),
    },
  ])('of $name is closed when the run is successful', async ({ name, recipient, path }) => {
    await told(name, recipient, { triggers: ALL, values: [0.05] });
    const got = await first();
    expect(got.path).toEqual(path);
    if (name === 'pagerduty') expect(got.body).toMatchObject({ event_action: 'resolve' });
  });
});

describe('what a channel is told about a message', () => {
  it.each([
    {
      name: 'slack' as const,
      answer: { status: 200, body: '{"ok":false,"error":"channel_not_found"}' },
      error: 'Slack answered channel_not_found',
      refusals: 1,
    },
    {
      name: 'slack' as const,
      answer: { status: 429, headers: { 'retry-after': '30' } },
      error: 'the target answered 429',
      refusals: 0,
    },
    {
      name: 'slack' as const,
      answer: { status: 200, body: '{"ok":false,"error":"internal_error"}' },
      error: 'Slack answered internal_error',
      refusals: 0,
    },
    {
      name: 'teams' as const,
      answer: { status: 200, body: 'Webhook message delivery failed with error: 429' },
      error: 'failed with error',
      refusals: 0,
    },
    {
      name: 'pagerduty' as const,
      answer: { status: 400, body: '{"status":"invalid event"}' },
      error: 'invalid event',
      refusals: 1,
    },
    {
      name: 'slack-hook' as const,
      answer: { status: 404, body: 'no_service secret-of-the-hook' },
      error: 'no_service',
      refusals: 1,
    },
  ])('$name: $error', async ({ name, answer, error, refusals }) => {
    const bench = await told(name, 'checkout', {
      answer: { headers: { 'content-type': 'application/json' }, ...answer },
    });
    await bench.until(() => bench.outcomes.length === 1);
    const [delivery] = await bench.deliveries();
    expect(delivery).toMatchObject({ refusals });
    expect(delivery!.lastError).toContain(error);
    expect(delivery!.lastError).not.toContain('secret-of-the-hook');
  });

  it.each([
    { name: 'pagerduty' as const, service: {}, secret: 'routing-key-of-checkout' },
    { name: 'opsgenie' as const, service: {}, secret: 'api-key-of-opsgenie' },
    {
      name: 'opsgenie' as const,
      service: { apiKeys: { checkout: 'api-key-of-checkout' } },
      secret: 'api-key-of-checkout',
    },
    {
      name: 'webhook' as const,
      service: { headers: { authorization: 'Bearer token-of-webhook' } },
      secret: 'Bearer token-of-webhook',
    },
  ])('$name: without $secret, which the target repeats', async ({ name, service, secret }) => {
    const answer = { status: 400, body: `${secret} is wrong` };
    const bench = await told(name, 'checkout', { service, answer });
    await bench.until(() => bench.outcomes.length === 1);
    expect((await bench.deliveries())[0]!.lastError).toBe('the target answered 400: ***** is wrong');
  });

  it('pagerduty: where a key was looked for is no secret', async () => {
    const routingKeys = { checkout: { env: 'ROUTING_KEY_OF_CHECKOUT' } };
    const bench = await told('pagerduty', 'checkout', { service: { routingKeys } });
    await bench.until(() => bench.outcomes.length === 1);
    expect((await bench.deliveries())[0]!.lastError).toContain('variable ROUTING_KEY_OF_CHECKOUT is not set');
  });

  describe('a mail server with TLS', () => {
    const trusted = getCACertificates('default');
    let secured: MailReceiver;
    afterEach(async () => {
      setDefaultCACertificates(trusted);
      await secured.close();
    });
    const toldBy = (security: 'tls' | 'starttls') =>
      told('email', 'oncall@shop.example', { service: { host: 'localhost', port: secured.port, security } });

    it.each(['tls', 'starttls'] as const)('takes the login and the mail over it: %s', async (security) => {
      setDefaultCACertificates([...trusted, selfSigned.cert]);
      secured = await startMailReceiver(security);
      await toldBy(security);
      expect(await secured.has(1)).toMatchObject([{ to: ['oncall@shop.example'], login: 'assay' }]);
    });

    it.each(['tls', 'starttls'] as const)('is told nothing when nobody vouches for it: %s', async (security) => {
      secured = await startMailReceiver(security);
      const bench = await toldBy(security);
      await bench.until(() => bench.outcomes.length === 1);
      const [delivery] = await bench.deliveries();
      expect(delivery).toMatchObject({
        state: 'waiting',
        lastError: expect.stringContaining('self-signed certificate'),
      });
      expect(secured.mails).toEqual([]);
    });

    it('is told nothing when it offers no STARTTLS', async () => {
      secured = await startMailReceiver('none');
      const bench = await toldBy('starttls');
      await bench.until(() => bench.outcomes.length === 1);
      expect((await bench.deliveries())[0]).toMatchObject({ lastError: expect.stringMatching(/STARTTLS/) });
      expect(secured.mails).toEqual([]);
    });
  });

  it('email: a mailbox that is not there is given up, a server that is busy is not', async () => {
    mail.refuse(550);
    const bench = await told('email', 'nobody@shop.example');
    await bench.until(async () => (await bench.deliveries())[0]?.state === 'dead', 10_000);
    mail.refuse(451);
    const other = await told('email', 'busy@shop.example');
    await other.until(() => other.outcomes.length === 1);
    expect((await other.deliveries())[0]).toMatchObject({ state: 'waiting', refusals: 0 });
  });
});

describe('text from a run that is full of markup', () => {
  it.each(['slack-hook', 'teams', 'pagerduty', 'opsgenie', 'webhook'] as const)('stays text in %s', async (name) => {
    await told(name, 'checkout', { metric: HOSTILE });
    const { body, text } = await first();
    // Nothing that turns the reading direction reaches a reader.
    expect(text).not.toContain('\u202e');
    expect(text).toContain('u202egnp.exe');
    if (name === 'slack-hook') {
      expect(body.text).toContain('&lt;!channel&gt;');
      expect(JSON.stringify(body.blocks)).not.toContain('mrkdwn');
    }
    if (name === 'teams') expect(JSON.stringify(body)).not.toContain('"TextBlock"');
  });

  it('stays text in a mail', async () => {
    await told('email', 'oncall@shop.example', { metric: HOSTILE });
    const [got] = await mail.has(1);
    expect(got!.html).toContain('&lt;script&gt;');
    expect(got!.html).not.toContain('<script>');
    expect(got!.text).toContain('<script>');
  });
});

describe("a user's own template", () => {
  const FAILED = 'on-analysis-run-failed';
  it("has the channel's markup, and values that are escaped for it", async () => {
    const templates = {
      [FAILED]: { title: '{{ run.name }} stopped', text: '*{{ metric }}* was {{ value }}: <{{ link }}|look>' },
    };
    await told('slack-hook', '', { templates, metric: 'a <b> & c' });
    const { blocks } = (await first()).body;
    expect(blocks[0].text.text).toBe('checkout-5 stopped');
    expect(blocks[1].text).toMatchObject({ type: 'mrkdwn', text: `*a &lt;b&gt; &amp; c* was 0.2: <${LINK}|look>` });
  });

  it('of the service comes before that of the trigger alone', async () => {
    const templates = { [FAILED]: { text: 'for all' }, [`teams.${FAILED}`]: { text: 'for Teams: **{{ phase }}**' } };
    await told('teams', '', { templates });
    expect((await first()).text).toContain('for Teams: **Failed**');
  });

  it.each([
    { name: 'a variable that is not there', text: '{{ nothing.here }}', error: 'undefined variable' },
    { name: 'a filter that is not there', text: '{{ value | shout }}', error: 'undefined filter' },
    { name: 'a tag that is not closed', text: '{% if value %}', error: 'not closed' },
    { name: 'a loop without end', text: '{% for a in (1..100000000) %}{{ a }}{% endfor %}', error: 'limit' },
    { name: 'a file', text: "{% include '/etc/passwd' %}", error: 'ENOENT' },
    { name: 'a prototype', text: '{{ run.constructor.name }}', error: 'undefined variable' },
  ])('that fails with $name costs its words and not the message', async ({ text, error }) => {
    const bench = await told('webhook', '', { templates: { [FAILED]: { text } } });
    const { body } = await first();
    expect(body.data.sentence).toContain('error-rate');
    expect(body.data.note).toContain(`template "${FAILED}" failed: `);
    expect(body.data.note).toContain(error);
    expect(bench.engine.logged.map(({ message }) => message)).toContain('template failed, the default text is sent');
  });
});
