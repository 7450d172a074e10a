import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../services/config/read-config.ts';
import type { AnalysisRun, MetricResult } from '../../../services/domain/run.ts';
import { type NotificationSettings, notificationMistakes } from '../../../services/notify/settings.ts';
import { targetsOf } from '../../../services/notify/subscriptions.ts';
import { occurrencesOf, type Trigger } from '../../../services/notify/triggers.ts';

const SUBSCRIBE = 'notifications.argoproj.io/subscribe';
const FAILED = 'on-analysis-run-failed';
const settings = async (more: object = {}): Promise<NotificationSettings> =>
  ({
    ...(await readConfig({}, {})).notifications,
    services: { slack: { type: 'slack', token: 'x' }, hook: { type: 'webhook', url: 'http://hook' } },
    ...more,
  }) as NotificationSettings;
const runOf = (metadata: object): AnalysisRun =>
  ({ metadata: { name: 'run', namespace: 'shop', ...metadata }, spec: { metrics: [] } }) as unknown as AnalysisRun;

describe('who hears of a run that failed', () => {
  const yaml = `- trigger: [${FAILED}, on-analysis-run-error]\n  destinations:\n    - service: slack\n      recipients: [one, two]\n    - service: hook`;
  it.each<{ name: string; given: Record<string, string>; want: readonly string[]; trigger?: Trigger }>([
    {
      name: 'a trigger and a service',
      given: { [`${SUBSCRIBE}.${FAILED}.slack`]: 'one;two' },
      want: ['slack:one', 'slack:two'],
    },
    {
      name: 'blanks and empty recipients',
      given: { [`${SUBSCRIBE}.${FAILED}.slack`]: ' one ;; two;' },
      want: ['slack:one', 'slack:two'],
    },
    { name: 'no recipient', given: { [`${SUBSCRIBE}.${FAILED}.hook`]: '' }, want: ['hook:'] },
    { name: 'another trigger', given: { [`${SUBSCRIBE}.on-analysis-run-error.slack`]: 'one' }, want: [] },
    { name: 'no trigger, which means the default ones', given: { [`${SUBSCRIBE}.slack`]: 'one' }, want: ['slack:one'] },
    {
      name: 'no trigger, of what is none of the default ones',
      given: { [`${SUBSCRIBE}.slack`]: 'one' },
      trigger: 'on-analysis-run-running',
      want: [],
    },
    {
      name: 'a list',
      given: { 'notifications.argoproj.io/subscriptions': yaml },
      want: ['slack:one', 'slack:two', 'hook:'],
    },
    { name: 'a list that is no YAML', given: { 'notifications.argoproj.io/subscriptions': '- [' }, want: [] },
    {
      name: 'the same twice',
      given: { [`${SUBSCRIBE}.slack`]: 'one', [`${SUBSCRIBE}.${FAILED}.slack`]: 'one' },
      want: ['slack:one'],
    },
    { name: 'something else', given: { 'example.com/subscribe.slack': 'one' }, want: [] },
    { name: 'a callback', given: { 'assay/callback': 'http://me' }, want: ['callback:http://me'] },
  ])('by annotation: $name', async ({ given, want, trigger = FAILED }) => {
    const targets = targetsOf(runOf({ annotations: given }), trigger, await settings());
    expect(targets.map(({ service, recipient }) => `${service}:${recipient}`)).toEqual(want);
    // Those of its templates count alike, but for the callback, which is the run's own.
    const inherited = targetsOf(runOf({}), trigger, await settings(), [given]);
    expect(inherited).toEqual(targets.filter(({ service }) => service !== 'callback'));
  });

  it.each([
    { name: 'everybody', given: {}, want: 1 },
    { name: 'another namespace', given: { namespaces: ['pay'] }, want: 0 },
    { name: 'its namespace and label', given: { namespaces: ['shop'], labels: { app: 'checkout' } }, want: 1 },
    { name: 'another label', given: { labels: { app: 'cart' } }, want: 0 },
    { name: 'another trigger', given: { triggers: ['on-analysis-run-error'] }, want: 0 },
  ])('by configuration: $name', async ({ given, want }) => {
    const configured = await settings({ subscriptions: { one: { recipients: ['slack:a:b'], ...given } } });
    const targets = targetsOf(runOf({ labels: { app: 'checkout' } }), FAILED, configured);
    expect(targets).toEqual(Array(want).fill({ service: 'slack', recipient: 'a:b' }));
  });

  it('nobody but a callback where no service is configured: annotations may be meant for another Assay', async () => {
    const run = runOf({ annotations: { [`${SUBSCRIBE}.slack`]: 'one' } });
    expect(targetsOf(run, FAILED, await settings({ services: {} }))).toEqual([]);
  });
});

describe('what has become true of a run', () => {
  const start = '2026-01-01T00:00:00Z';
  const end = '2026-01-01T00:01:00Z';
  const failed = (more: Partial<MetricResult> = {}): MetricResult => ({
    name: 'm',
    phase: 'Running',
    failed: 1,
    measurements: [{ phase: 'Failed', finishedAt: end }],
    ...more,
  });
  it.each<{ name: string; status: AnalysisRun['status']; want: readonly string[] }>([
    { name: 'nothing yet', status: undefined, want: [] },
    { name: 'running', status: { phase: 'Running', startedAt: start }, want: [`running@${start}`] },
    {
      name: 'breached',
      status: { phase: 'Running', startedAt: start, metricResults: [failed()] },
      want: [`running@${start}`, `first-breach@${end}`],
    },
    {
      name: 'breached where it does not count',
      status: { phase: 'Running', startedAt: start, metricResults: [failed({ dryRun: true })] },
      want: [`running@${start}`],
    },
    {
      name: 'breached long ago',
      status: { phase: 'Running', startedAt: start, metricResults: [failed({ failed: 11 })] },
      want: [`running@${start}`, 'first-breach@unknown'],
    },
    {
      name: 'breached long ago by a metric that keeps nothing of it, and now by another',
      status: {
        phase: 'Running',
        startedAt: start,
        metricResults: [failed({ name: 'other', measurements: [] }), failed()],
      },
      want: [`running@${start}`, 'first-breach@unknown'],
    },
    {
      name: 'breached, after another metric that does not count and keeps nothing of it',
      status: {
        phase: 'Running',
        startedAt: start,
        metricResults: [failed({ name: 'other', dryRun: true, measurements: [] }), failed()],
      },
      want: [`running@${start}`, `first-breach@${end}`],
    },
    {
      name: 'over after its first pass',
      status: { phase: 'Successful', startedAt: start, completedAt: start },
      want: [`successful@${start}`],
    },
    {
      name: 'over',
      status: { phase: 'Inconclusive', startedAt: start, completedAt: end },
      want: [`running@${start}`, `inconclusive@${end}`],
    },
    { name: 'impossible', status: { phase: 'Error', message: 'no' }, want: [`error@${start}`] },
  ])('$name', ({ status, want }) => {
    const found = occurrencesOf({ metadata: { name: 'run', creationTimestamp: start }, ...(status && { status }) });
    const time = (at: number | undefined): string =>
      at === undefined ? 'unknown' : new Date(at).toISOString().replace('.000', '');
    expect(found.map(({ trigger, at }) => `${trigger.replace('on-analysis-run-', '')}@${time(at)}`)).toEqual(want);
  });
});

describe('settings that cannot work are refused at the start', () => {
  it.each([
    {
      name: 'a trigger',
      given: { defaultTriggers: ['on-fire'] },
      want: 'notifications.defaultTriggers: "on-fire" is none of on-analysis-run-running, ',
    },
    {
      name: 'a service',
      given: { subscriptions: { a: { recipients: ['slak:x'] } } },
      want: 'notifications.subscriptions.a.recipients: "slak:x" names no service (SERVICE:RECIPIENT); there are slack, hook',
    },
    {
      name: 'a field',
      given: { services: { mail: { type: 'email', host: 'x' } } },
      want: 'notifications.services.mail.from: is missing; a service of type email needs it',
    },
    {
      name: 'a field too many',
      given: { services: { t: { type: 'teams', url: 'x', token: 'y' } } },
      want: 'notifications.services.t.token: no such setting; known here: url',
    },
    {
      name: 'a way into Slack',
      given: { services: { s: { type: 'slack' } } },
      want: 'notifications.services.s: a service of type slack needs a token, or the url of an incoming webhook',
    },
    {
      name: 'a name that is taken',
      given: { services: { callback: { type: 'webhook', url: 'x' } } },
      want: 'notifications.services.callback: the name is taken, for what runs name themselves; choose another',
    },
    {
      name: 'a template',
      given: { templates: { 'on-fire': { text: 'x' } } },
      want: 'notifications.templates.on-fire: the name must read TRIGGER or SERVICE.TRIGGER, with a service of these settings',
    },
  ])('$name', async ({ given, want }) => {
    expect(notificationMistakes(await settings(given))[0]).toContain(want);
  });
});
