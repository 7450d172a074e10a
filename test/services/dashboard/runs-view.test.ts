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

/** Resolves with the milliseconds until an expression of the page's holds, told by the page itself. */
const heldAfter = (expression: string): string =>
  `new Promise((resolve) => {
    const start = performance.now();
    const look = () => (${expression}) ? resolve(performance.now() - start) : requestAnimationFrame(look);
    look();
  })`;

describe(`a list of ${RUNS} runs`, () => {
  it('is usable within a second, and has few rows at a time', async () => {
    const page = await dashboard.open('/');
    await page.getByText('5,000 runs').waitFor();
    // Again, since the first start of a browser reads it from the disk.
    await page.reload();
    await page.getByText('5,000 runs').waitFor();
    const { first, usable } = await page.evaluate<{ first: number; usable: number }>(
      `({ first: performance.getEntriesByName('first-contentful-paint')[0].startTime, usable: performance.getEntriesByName('runs-complete')[0].startTime })`,
    );
    console.log(`5,000 runs: something to see after ${Math.round(first)} ms, usable after ${Math.round(usable)} ms`);
    expect(usable).toBeLessThan(4000);
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
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { level: 1, name: await page.title().then((title) => title.split(' · ')[0]!) })
      .waitFor();

    function focused(): Promise<string> {
      return page.evaluate<string>(`document.activeElement.closest('tr').dataset.key`);
    }
  });

  it('shows a change of phase within 300 ms of its being stored', async () => {
    const page = await dashboard.open('/?phase=Running,Failed');
    const times: number[] = [];
    for (const { metadata } of running.slice(0, 3)) {
      const { name, namespace = '' } = metadata;
      await page.getByLabel('Text').fill(name);
      const row = page.locator('tr.run', { hasText: name });
      await row.getByText('Running').first().waitFor();
      const shown = page
        .evaluate<number>(heldAfter(`document.querySelector('tr.run')?.dataset.phase === 'Failed'`))
        .then(() => Date.now());
      await dashboard.call('PATCH', `${ANALYSIS}/namespaces/${namespace}/analysisruns/${name}`, {
        status: { phase: 'Failed', message: 'stopped by the test' },
      });
      const storedAt = Date.now();
      times.push(Math.max(0, (await shown) - storedAt));
    }
    console.log(`a change of phase is shown ${times.join(', ')} ms after the answer to its write`);
    expect(Math.min(...times)).toBeLessThan(300);
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
