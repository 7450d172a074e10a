/** The list of five thousand runs in a real browser: until something is to be seen, until it can be used, and until a change is shown. */
import { ANALYSIS } from '../support/api.ts';
import { type Dashboard, startDashboard } from '../support/dashboard.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { type Bench, type Figure, under } from './figure.ts';

const RUNS = 5_000;
const LOADS = 5;
const CHANGES = 10;
const TARGET = { usableMs: 1_000, shownMs: 300 };

export const benchDashboard: Bench = async () => {
  const stored = storedRuns(RUNS, Date.now());
  const dashboard = await startDashboard({ documents: stored });
  try {
    return [...(await loads(dashboard)), await changes(dashboard, stored)];
  } finally {
    await dashboard.stop();
  }
};

async function loads(dashboard: Dashboard): Promise<Figure[]> {
  const page = await dashboard.open('/');
  const seen: number[] = [];
  const usable: number[] = [];
  // The first load reads the browser itself from the disk, and does not count.
  for (let load = 0; load <= LOADS; load += 1) {
    await page.reload();
    await page.getByText('5,000 runs').waitFor();
    const times = await page.evaluate<{ seen: number; usable: number }>(
      `({ seen: performance.getEntriesByName('first-contentful-paint')[0].startTime, usable: performance.getEntriesByName('runs-complete')[0].startTime })`,
    );
    if (load === 0) continue;
    seen.push(times.seen);
    usable.push(times.usable);
  }
  await dashboard.closePages();
  return [
    { name: `${RUNS} runs: something to see, median of ${LOADS} loads`, value: median(seen), unit: 'ms' },
    under(`${RUNS} runs: all of them usable, median`, median(usable), 'ms', TARGET.usableMs),
    under(`${RUNS} runs: all of them usable, longest`, Math.max(...usable), 'ms', TARGET.usableMs),
  ];
}

/** From the answer to the write until the row has its new phase. */
async function changes(dashboard: Dashboard, stored: ReturnType<typeof storedRuns>): Promise<Figure> {
  const page = await dashboard.open('/?phase=Running,Failed');
  const times: number[] = [];
  for (const { metadata } of stored.filter(({ status }) => status?.phase === 'Running').slice(0, CHANGES)) {
    const { name, namespace = '' } = metadata;
    await page.getByLabel('Text').fill(name);
    await page.locator('tr.run', { hasText: name }).getByText('Running').first().waitFor();
    const shown = page
      .evaluate(
        `new Promise((resolve) => {
          const look = () =>
            document.querySelector('tr.run')?.dataset.phase === 'Failed' ? resolve() : requestAnimationFrame(look);
          look();
        })`,
      )
      .then(() => Date.now());
    await dashboard.call('PATCH', `${ANALYSIS}/namespaces/${namespace}/analysisruns/${name}`, {
      status: { phase: 'Failed', message: 'stopped by the bench' },
    });
    const answeredAt = Date.now();
    times.push(Math.max(0, (await shown) - answeredAt));
  }
  return under(`a change of phase is shown, longest of ${CHANGES}`, Math.max(...times), 'ms', TARGET.shownMs);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
