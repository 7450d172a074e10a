import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BUILD_FOLDER, pageFiles } from '../../../services/dashboard/page-files.ts';
import { accessibilityFaults } from '../../support/browser.ts';
import { type Dashboard, startDashboard } from '../../support/dashboard.ts';

const MOST_SCRIPT_BYTES = 150_000;

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard?.stop());
afterEach(() => expect(dashboard.problems()).toEqual([]));

describe('the build', () => {
  it('has less than 150 kB of script, compressed, in all', () => {
    const scripts = readdirSync(BUILD_FOLDER).filter((name) => name.endsWith('.js.gz'));
    const bytes = scripts.reduce((total, name) => total + readFileSync(join(BUILD_FOLDER, name)).length, 0);
    console.log(`script of the page: ${Math.round(bytes / 1000)} kB in ${scripts.length} files`);
    expect(scripts.length).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(MOST_SCRIPT_BYTES);
  });

  it('may be missing, and is found once it is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-no-page-'));
    rmSync(folder, { recursive: true });
    expect(await pageFiles(folder)('index.html')).toBeUndefined();
  });
});

describe('the page as it is sent', () => {
  it('lets nothing in but its own files, and is asked for anew each time', async () => {
    const { headers } = await fetch(dashboard.assay.url);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-cache',
      'content-encoding': 'gzip',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('has files that are kept for ever, since their names change with them', async () => {
    const page = await (await fetch(dashboard.assay.url)).text();
    const [, script] = /src="(\/ui\/[^"]+)"/.exec(page) ?? [];
    const { headers } = await fetch(dashboard.assay.url + script);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const again = await fetch(dashboard.assay.url + script, {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('has no other files', async () => {
    for (const path of ['/ui/index.html', '/ui/inputs.json', '/ui/..%2f..%2fpackage.json'])
      expect((await fetch(dashboard.assay.url + path)).status, path).toBe(404);
  });
});

describe('the shell', () => {
  it('is reached by keyboard: past the navigation into the content', async () => {
    const page = await dashboard.open('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('follows the colours of the system until others are chosen', async () => {
    const page = await dashboard.open('/', { colours: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(await background()).toBe('rgb(18, 21, 26)');
    await page.getByLabel('Colours').selectOption('light');
    expect(await background()).toBe('rgb(247, 247, 245)');
    await page.reload();
    expect(await background()).toBe('rgb(247, 247, 245)');
  });

  it('says so where there is nothing', async () => {
    const page = await dashboard.open('/nowhere');
    await page.getByText('There is nothing at this address.').waitFor();
  });
});
