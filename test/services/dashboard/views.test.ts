import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../../services/domain/dead-letter.ts';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import { ANALYSIS } from '../../support/api.ts';
import { accessibilityFaults } from '../../support/browser.ts';
import { type Dashboard, startDashboard } from '../../support/dashboard.ts';
import { deadLetters } from '../../support/dead-letters.ts';
import { ANALYSIS_ID, BAD, pastExecutions } from '../../support/past-executions.ts';
import { pastReleases } from '../../support/past-releases.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202egnp.exe\u0000';
const TEMPLATES = `${ANALYSIS}/namespaces/shop/analysistemplates`;
const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;

let dashboard: Dashboard;
let now: number;
beforeAll(async () => {
  now = Date.now();
  dashboard = await startDashboard({ documents: [...pastReleases(now), ...pastExecutions(now), ...deadLetters(now)] });
  await dashboard.call('POST', TEMPLATES, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'quick' },
    spec: {
      args: [{ name: 'number' }, { name: 'note', value: HOSTILE }],
      metrics: [
        {
          name: 'answer',
          successCondition: 'result[0] > 10',
          failureCondition: 'result[0] < 0',
          provider: { prometheus: { address: dashboard.prometheus.url, query: 'vector({{args.number}})' } },
        },
      ],
    },
  });
});
afterAll(() => dashboard?.stop());
afterEach(() => expect(dashboard.problems()).toEqual([]));

/** Dark, where contrast is lost first; the others are light and wide. */
const PHONE = { width: 390, height: 800, colours: 'dark', isTouch: true } as const;

describe('every view', () => {
  it.each([
    { name: 'templates', place: '/templates', text: 'release-health' },
    { name: 'a template', place: '/templates/shop/release-health', text: 'revision 19' },
    { name: 'a cluster template', place: '/clustertemplates/saturation', text: 'for every namespace' },
    { name: 'trying', place: '/try', text: 'Nothing is stored' },
    { name: 'undelivered notifications', place: '/undelivered', text: 'channel_not_found' },
    { name: 'executions', place: '/executions', text: 'parse error at char 7' },
    { name: 'an execution', place: `/executions/${BAD}`, text: 'error rate' },
    { name: 'an analysis', place: `/analyses/${ANALYSIS_ID}`, text: 'asked by release-pipeline' },
  ])('keeps nobody out, and fits a phone: $name', async ({ place, text }) => {
    const page = await dashboard.open(place, PHONE);
    await page.getByText(text).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  });
});

describe('the heatmap of a template', () => {
  it('is a table whose cells say metric, release, value and phase in words', async () => {
    const page = await dashboard.open('/templates/shop/release-health');
    const heatmap = page.getByRole('region', { name: 'Metrics by release' }).getByRole('table');
    await heatmap.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const rows = await heatmap.getByRole('row').allInnerTexts();
    const cellsOf = (row: string | undefined) =>
      row?.split('\t').map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll(' ,', ',').trim());
    expect(cellsOf(rows[0])?.slice(1, 4)).toEqual([
      expect.stringMatching(/^revision 19 \(/),
      expect.stringMatching(/^revision 18 \(/),
      expect.stringMatching(/^revision 17 \(/),
    ]);
    const row = (name: string) => cellsOf(rows.find((text) => text.trim().startsWith(name)));
    expect(row('Verdict')?.slice(0, 4)).toEqual(['Verdict', 'Failed', 'Successful', 'Successful']);
    expect(row('success-rate')?.slice(0, 3)).toEqual(['success-rate', '0.921, Failed', '0.983, Successful']);
    expect(row('success-rate')?.at(-1)).toBe('NaN, Failed');
    expect(row('canary-errors')?.slice(1, 7)).toEqual(
      [
        '61.5, Failed',
        '96, Successful',
        '100, Successful',
        '98.25, Successful',
        '84, Inconclusive',
        '92, Inconclusive',
      ].map((text) => `score ${text}`),
    );
    expect(row('canary-errors')?.[7]).toBe('Error');
    expect(row('cpu')?.slice(1, 3)).toEqual(['0.41, Successful', '– not measured']);
    await heatmap.getByRole('link').first().click();
    await page.waitForURL('**/#/runs/shop/checkout-*-19-3');
  });
});

describe('a template', () => {
  it('says what is wrong with it, with the place in the condition', async () => {
    const page = await dashboard.open('/templates/payments/broken');
    const findings = page.getByRole('listitem').filter({ hasText: 'spec.metrics[0].successCondition' });
    await findings.filter({ hasText: '| ...........^' }).waitFor();
    expect(await page.getByText('interval must be specified when count > 1').count()).toBe(1);
  });

  it('is run from its form, by keyboard, to the verdict on the page', async () => {
    const page = await dashboard.open('/templates/shop/quick');
    const number = page.getByLabel('number (required)');
    await number.waitFor();
    // What must be given is asked for before anything is sent.
    await page.getByRole('button', { name: 'Run it' }).click();
    expect(await page.evaluate('document.activeElement.required')).toBe(true);
    await number.fill('42');
    await number.press('Enter');
    await page.waitForURL('**/#/runs/shop/quick-*');
    await page.getByText('Successful', { exact: true }).first().waitFor();
    const name = decodeURIComponent(page.url().split('/').at(-1) ?? '');
    const run = (await dashboard.call('GET', `${RUNS}/${name}`)) as AnalysisRun;
    expect(run.spec.args).toEqual([
      { name: 'number', value: '42' },
      { name: 'note', value: HOSTILE },
    ]);
    await page.goto(`${dashboard.assay.url}/#/templates/shop/quick`);
    await page.getByRole('region', { name: 'Metrics by release' }).getByText('42', { exact: true }).waitFor();
  });
});

describe('a run', () => {
  it('is run again, with other arguments', async () => {
    await dashboard.createRun('shop', {
      metadata: { name: 'again' },
      spec: { templates: [{ templateName: 'quick' }], args: [{ name: 'number', value: '3' }] },
    });
    const page = await dashboard.open('/runs/shop/again');
    await page.getByRole('button', { name: 'Run with other arguments' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run again with other arguments' });
    await dialog.getByLabel('number').fill('11');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/#/runs/shop/again.1');
    await page.getByText('Successful', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.waitForURL('**/#/runs/shop/again.2');
    const run = (await dashboard.call('GET', `${RUNS}/again.2`)) as AnalysisRun;
    expect(run.spec.args?.[0]).toEqual({ name: 'number', value: '11' });
  });

  it('is terminated when that is confirmed, and says so while the page is open', async () => {
    await dashboard.createRun('shop', {
      metadata: { name: 'endless' },
      spec: {
        metrics: [
          {
            name: 'endless',
            interval: '1h',
            provider: { prometheus: { address: dashboard.prometheus.url, query: 'vector(1)' } },
          },
        ],
      },
    });
    const page = await dashboard.open('/runs/shop/endless');
    const terminate = page.getByRole('button', { name: 'Terminate' });
    const dialog = page.getByRole('dialog');
    await terminate.click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(((await dashboard.call('GET', `${RUNS}/endless`)) as AnalysisRun).spec.terminate).toBeUndefined();
    await terminate.click();
    await dialog.getByRole('button', { name: 'Terminate' }).click();
    await page.getByText('Successful', { exact: true }).first().waitFor();
    await dialog.waitFor({ state: 'detached' });
    await terminate.waitFor({ state: 'detached' });
  });
});

describe('trying a query', () => {
  it('asks the live source, fills in arguments, and shows what conditions make of the answer', async () => {
    const page = await dashboard.open('/try');
    const block = page.getByLabel('Provider block');
    await block.fill(`prometheus:\n  address: ${dashboard.prometheus.url}\n  query: vector({{args.number}})\n`);
    await page.getByLabel('number', { exact: true }).fill('0.97');
    await page.getByLabel('successCondition').fill('result[0] >= 0.95');
    await page.getByLabel('failureCondition').fill('result[0 < 1');
    await block.press('Control+Enter');
    const outcome = page.getByRole('status').filter({ hasText: 'Recorded as' });
    await outcome.getByText('[0.97]', { exact: true }).waitFor();
    expect(await outcome.getByText('is true').count()).toBe(1);
    expect(await outcome.getByText('| result[0 < 1').first().textContent()).toContain('^');
    expect(await outcome.getByText('vector(0.97)').count()).toBe(1);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('says what is wrong with the question', async () => {
    const page = await dashboard.open('/try');
    await page.getByLabel('Provider block').fill('prometheus: [');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('alert').getByText('provider:').waitFor();
    // The browser tells of every answer that is an error.
    dashboard.problems();
  });
});

describe('undelivered notifications', () => {
  it('are sent again or dismissed, by keyboard, and what became of them is said', async () => {
    const page = await dashboard.open('/undelivered');
    await page.getByRole('button', { name: /^Dismiss: on-analysis-run-failed of checkout-2/ }).press('Enter');
    await page.getByRole('status').getByText('checkout-2 to slack is forgotten.').waitFor();
    await page.getByRole('button', { name: /^Send again: .* of checkout-1/ }).press('Enter');
    await page.getByRole('status').getByText('checkout-1 to slack is being sent again.').waitFor();
  });
});

describe('a page that stays open', () => {
  const fresh = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisTemplate', spec: { metrics: [] } };
  it.each([
    {
      name: 'shows a template that somebody applies',
      place: '/templates',
      first: 'release-health',
      happens: () => dashboard.call('POST', TEMPLATES, { ...fresh, metadata: { name: 'just-applied' } }),
      wanted: { text: 'just-applied', state: 'visible' },
    },
    {
      name: 'lets a notification go that somebody else has dismissed',
      place: '/undelivered',
      first: 'checkout-3',
      async happens() {
        const { letters } = (await dashboard.call('GET', '/ui/api/dead-letters')) as { letters: DeadLetter[] };
        const { namespace, name } = letters.find(({ run }) => run === 'checkout-3')!;
        await dashboard.call('DELETE', `/ui/api/dead-letters/${namespace}/${name}`);
      },
      wanted: { text: 'checkout-3', state: 'detached' },
    },
  ] as const)('$name', async ({ place, first, happens, wanted }) => {
    const page = await dashboard.open(place);
    await page.getByText(first, { exact: true }).first().waitFor();
    await happens();
    await page.getByText(wanted.text, { exact: true }).first().waitFor({ state: wanted.state });
  });

  it('keeps what it shows and what was typed while Assay is away, and goes on when it is back', async () => {
    const page = await dashboard.open('/templates/shop/quick');
    const number = page.getByLabel('number (required)');
    await number.fill('0.5');
    await dashboard.crash();
    await page.getByText('Assay does not answer').waitFor();
    await dashboard.comeBack();
    await page.getByText('Assay does not answer').waitFor({ state: 'detached' });
    await dashboard.createRun('shop', {
      metadata: { name: 'meanwhile' },
      spec: { templates: [{ templateName: 'quick' }], args: [{ name: 'number', value: '77' }] },
    });
    await page.getByRole('link', { name: 'run meanwhile' }).waitFor();
    expect(await number.inputValue()).toBe('0.5');
    // Only that the server could not be reached.
    expect(dashboard.problems().filter((problem) => !problem.includes('net::ERR_'))).toEqual([]);
  });
});

describe('texts that others wrote', () => {
  it('are shown, and do nothing', async () => {
    const page = await dashboard.open('/templates/shop/quick');
    const hint = page.getByText('Default: <img src=x onerror=alert(1)>');
    await hint.waitFor();
    expect(await hint.textContent()).toContain('U+202E');
    expect(await page.getByRole('img', { name: 'x' }).count()).toBe(0);
  });
});
