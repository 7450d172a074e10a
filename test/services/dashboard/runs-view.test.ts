import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSIS } from '../../support/api.ts';
import { accessibilityFaults } from '../../support/browser.ts';
import { type Dashboard, startDashboard } from '../../support/dashboard.ts';
import { storedRuns } from '../../support/stored-runs.ts';

const RUNS = 5000;
const stored = storedRuns(RUNS, Date.now());
const running = stored.filter(({ status }) => status?.phase === 'Running');

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard({ documents: stored });
});
afterAll(() => dashboard?.stop());
afterEach(async () => expect(await dashboard.closePages()).toEqual([]));

describe(`a list of ${RUNS} runs`, () => {
  it('has few rows at a time, and says how many there are', async () => {
    const page = await dashboard.open('/');
    await page.getByText('5,000 runs').waitFor();
    expect(await page.locator('tr.run').count()).toBeLessThan(80);
    expect(await page.locator('table').getAttribute('aria-rowcount')).toBe('5005');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('is filtered by phase, namespace, label and text, and the address says so', async () => {
    const page = await dashboard.open('/');
    await page.getByRole('button', { name: /^Failed/ }).click();
    await page.getByLabel('Namespace').selectOption('shop');
    await page.getByLabel('Labels').fill('app=ledger');
    await page.getByLabel('Text').fill('success-rate failed');
    const wanted = stored.filter(
      ({ metadata, status }) =>
        status?.phase === 'Failed' && metadata.namespace === 'shop' && metadata.labels?.['app'] === 'ledger',
    );
    expect(wanted.length).toBeGreaterThan(0);
    await page.getByText(`${wanted.length} of 5,000 runs`).waitFor();
    const address = page.url();
    const again = await dashboard.open(address.slice(address.indexOf('#') + 1));
    await again.getByText(`${wanted.length} of 5,000 runs`).waitFor();
  });

  it('is walked through by arrow keys, far beyond the rows that are there', async () => {
    const page = await dashboard.open('/');
    await page.getByText('5,000 runs').waitFor();
    await page.locator('tr.run a').first().focus();
    const first = await focused();
    for (let step = 0; step < 6; step += 1) await page.keyboard.press('PageDown');
    expect(await focused()).not.toBe(first);
    await page.keyboard.press('End');
    await page.waitForFunction(`document.activeElement.closest('tr')?.dataset.index === '5003'`);
    const name = await page.evaluate<string>('document.activeElement.textContent.trim()');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

    function focused(): Promise<string> {
      return page.evaluate<string>(`document.activeElement.closest('tr').dataset.key`);
    }
  });

  it('shows a change of phase by itself', async () => {
    const page = await dashboard.open('/?phase=Running,Failed');
    const { name, namespace = '' } = running[0]!.metadata;
    await page.getByLabel('Text').fill(name);
    const row = page.locator('tr.run', { hasText: name });
    await row.getByText('Running').first().waitFor();
    await dashboard.call('PATCH', `${ANALYSIS}/namespaces/${namespace}/analysisruns/${name}`, {
      status: { phase: 'Failed', message: 'stopped by the test' },
    });
    await row.getByText('Failed').first().waitFor();
  });

  it('takes new runs in and lets deleted ones go', async () => {
    const page = await dashboard.open('/?text=here-and-gone');
    await page.getByText('0 of').waitFor();
    const path = `${ANALYSIS}/namespaces/shop/analysisruns`;
    await dashboard.createRun('shop', {
      metadata: { name: 'here-and-gone' },
      spec: { metrics: stored[0]!.spec.metrics, args: stored[0]!.spec.args },
    });
    await page.getByRole('link', { name: 'here-and-gone' }).waitFor();
    await dashboard.call('DELETE', `${path}/here-and-gone`);
    await page.getByText('No run fits.').waitFor();
  });

  it('fits a phone', async () => {
    const page = await dashboard.open('/', { width: 375, height: 740, colours: 'dark', isTouch: true });
    await page.getByText('5,000 runs').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('says when the server is gone, and goes on by itself when it is back', async () => {
    const page = await dashboard.open('/');
    await page.getByText(/runs$/).waitFor();
    await dashboard.crash();
    await page.getByText('Assay does not answer').waitFor();
    await dashboard.comeBack();
    await page.getByText('Assay does not answer').waitFor({ state: 'detached' });
    const { name, namespace = '' } = running[10]!.metadata;
    await dashboard.call('PATCH', `${ANALYSIS}/namespaces/${namespace}/analysisruns/${name}`, {
      status: { phase: 'Inconclusive' },
    });
    await page.getByLabel('Text').fill(name);
    await page.locator('tr.run[data-phase=Inconclusive]').waitFor();
    // Only that the server could not be reached.
    expect(dashboard.problems().filter((problem) => !problem.includes('net::ERR_'))).toEqual([]);
  });
});
