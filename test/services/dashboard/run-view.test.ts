import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSIS } from '../../support/api.ts';
import { accessibilityFaults } from '../../support/browser.ts';
import { type Dashboard, startDashboard } from '../../support/dashboard.ts';
import { releaseHistory } from '../../support/release-history.ts';
import { HOSTILE, hostileRun, shownRuns } from '../../support/shown-runs.ts';

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard({
    documents: [hostileRun('shop', 'hostile')],
    history: releaseHistory(Date.now()).text,
  });
  for (const run of shownRuns(dashboard.prometheus.url)) await dashboard.createRun('shop', run);
  for (const { metadata } of shownRuns('').filter(({ metadata }) => metadata.name !== 'release-4'))
    await dashboard.call('GET', `${ANALYSIS}/namespaces/shop/analysisruns/${metadata.name}?wait=30s`);
});
afterAll(() => dashboard?.stop());
afterEach(async () => expect(await dashboard.closePages()).toEqual([]));

describe('one run', () => {
  it('says why it failed before all else, and how near each limit is', async () => {
    const page = await dashboard.open('/runs/shop/release-3');
    const reason = page.locator('.reason');
    await reason.waitFor();
    expect(await reason.textContent()).toMatch(
      /^Metric "errors" Failed: value \[5\..*failureCondition "result\[0\] > 4" was true; failed \(3\) > failureLimit \(2\); 3 samples since/,
    );
    await page.getByText('failureLimit 2 is broken: Failed').waitFor();
    const chart = page.getByRole('img', { name: /^Chart of errors over time/ });
    expect(await chart.getAttribute('aria-label')).toContain('fails: result > 4');
    await page.getByText('sum(errors{version="v3"})').first().waitFor();
    await page.getByRole('table').getByText('AnalysisRunFailed').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('changes while it is open, up to its verdict', async () => {
    const [run] = shownRuns(dashboard.prometheus.url);
    await dashboard.createRun('shop', { ...run, metadata: { name: 'live' } });
    const page = await dashboard.open('/runs/shop/live');
    await page.locator('.verdict').getByText('Running').waitFor();
    await page.locator('.verdict').getByText('Successful').waitFor();
    await page.getByText('4 of 4').waitFor();
    expect(await page.locator('.card tbody tr').count()).toBe(4);
  });

  it('has its document as YAML', async () => {
    const page = await dashboard.open('/runs/shop/release-2');
    await page.getByRole('button', { name: 'Show YAML' }).click();
    await page.locator('pre.document').getByText('successCondition: result[0] >= 0.95').waitFor();
    await page.getByRole('button', { name: 'Copy YAML' }).click();
    await page.getByText(/^(Copied|Selected)/).waitFor();
  });

  it('says so when it is not there, and when it is deleted while it is looked at', async () => {
    const page = await dashboard.open('/runs/shop/nowhere');
    await page.getByText('There is no such run').waitFor();
    const [run] = shownRuns(dashboard.prometheus.url);
    await dashboard.createRun('shop', { ...run, metadata: { name: 'nowhere' } });
    await page.locator('.reason').waitFor();
    await dashboard.call('DELETE', `${ANALYSIS}/namespaces/shop/analysisruns/nowhere`);
    await page.getByText('There is no such run').waitFor();
    // The run was still measured: its page may just have asked for it.
    expect(dashboard.problems().filter((problem) => !problem.includes('404'))).toEqual([]);
  });

  it.each(['release-3', 'canary-3'])('%s fits a phone, in the dark', async (name) => {
    const page = await dashboard.open(`/runs/shop/${name}`, {
      width: 375,
      height: 740,
      colours: 'dark',
      isTouch: true,
    });
    await page.locator('.reason').waitFor();
    await page.getByRole('img').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

describe('a canary metric', () => {
  it('shows both series, their difference, distributions, the interval, and the score by group and metric', async () => {
    const page = await dashboard.open('/runs/shop/canary-3');
    await page
      .getByText('The canary')
      .first()
      .waitFor({ timeout: 5000 })
      .catch(() => undefined);
    for (const name of [
      /^Samples of .*baseline and canary over time/,
      /^Difference of canary and baseline/,
      /^Distribution of/,
      /^Shift .*interval .* tolerated/,
    ])
      await page.getByRole('img', { name }).waitFor();
    expect(await page.locator('.score').textContent()).toContain('Fail');
    await page.getByRole('region', { name: 'Scores by group' }).getByText('High').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

describe('a run that wants to do harm', () => {
  it('is shown as text: no markup, no turned direction, nothing hidden', async () => {
    const page = await dashboard.open('/runs/shop/hostile');
    await page.getByRole('heading', { level: 2, name: '<img src=x' }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.locator('main').textContent()).not.toContain('\u202e');
    await page.getByText('U+202E').first().waitFor();
    await page.getByText(HOSTILE.slice(0, 28)).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('has ten thousand measurements, a page of them at a time, and a chart with gaps where values are no numbers', async () => {
    const page = await dashboard.open('/runs/shop/hostile');
    const chart = page.getByRole('img', { name: /^Chart of/ });
    await chart.waitFor();
    expect(await chart.getAttribute('aria-label')).toContain('of 10000 values');
    await page.getByText('Measurements (10000 kept)').click();
    await page.getByText('9976–10000 of 10000').waitFor();
    expect(await page.locator('.card tbody tr').count()).toBe(25);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('9951–9975 of 10000').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});
