// npm run screenshots          Every view of the page, light, dark and on a phone, into test/artifacts/screenshots; with words, only the places they name.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ANALYSIS } from '../support/api.ts';
import type { PageOptions } from '../support/browser.ts';
import { startDashboard } from '../support/dashboard.ts';
import { deadLetters } from '../support/dead-letters.ts';
import { pastExecutions } from '../support/past-executions.ts';
import { pastReleases } from '../support/past-releases.ts';
import { releaseHistory } from '../support/release-history.ts';
import { hostileRun, shownRuns } from '../support/shown-runs.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { PLACES } from './places.ts';

const FOLDER = fileURLToPath(new URL('../artifacts/screenshots/', import.meta.url));
const RUNS = 400;

const SCREENS: Readonly<Record<string, PageOptions>> = {
  light: { width: 1280, height: 900 },
  dark: { width: 1280, height: 900, colours: 'dark' },
  phone: { width: 375, height: 740, isTouch: true },
};

const words = process.argv.slice(2);
const places = PLACES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (places.length === 0)
  throw new Error(`no place is called ${words.join(' or ')}; known: ${PLACES.map(({ name }) => name).join(', ')}`);

mkdirSync(FOLDER, { recursive: true });
const now = Date.now();
const dashboard = await startDashboard({
  documents: [
    ...storedRuns(RUNS, now),
    hostileRun('shop', 'hostile'),
    ...pastReleases(now),
    ...pastExecutions(now),
    ...deadLetters(now),
  ],
  history: releaseHistory(now).text,
});
try {
  const runs = shownRuns(dashboard.prometheus.url);
  for (const run of runs) await dashboard.createRun('shop', run);
  await Promise.all(
    runs
      .filter(({ metadata }) => metadata.name !== 'release-4')
      .map(({ metadata }) =>
        dashboard.call('GET', `${ANALYSIS}/namespaces/shop/analysisruns/${metadata.name}?wait=30s`),
      ),
  );
  for (const { name, place, ready, act } of places)
    for (const [screen, options] of Object.entries(SCREENS)) {
      const page = await dashboard.open(place, options);
      await page.locator(ready).first().waitFor();
      await act?.(page, dashboard.prometheus.url);
      await page.screenshot({
        path: `${FOLDER}${name}-${screen}.png`,
        fullPage: place.length > 1 && !place.includes('?') && name !== 'run-again',
      });
      const problems = await dashboard.closePages();
      if (problems.length > 0) throw new Error(`${place}: ${problems.join('; ')}`);
    }
  console.log(`${places.length * Object.keys(SCREENS).length} screenshots in ${FOLDER}`);
} finally {
  await dashboard.stop();
}
