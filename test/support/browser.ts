/** Debian's Chromium, and pages in it that tell of everything that goes wrong in them. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Page } from 'playwright-core';

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colours?: 'light' | 'dark';
  readonly isTouch?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  /** Errors on the console, uncaught ones, and what the content security policy refused; empty when all is well. */
  readonly problems: string[];
}

export interface TestBrowser {
  open(url: string, options?: PageOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export async function startBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: programOf('chromium'), headless: true, args: FLAGS });
  return {
    async open(url, { width = 1280, height = 800, colours = 'light', isTouch = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: colours,
        hasTouch: isTouch,
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(url);
      return { page, problems };
    },
    close: () => browser.close(),
  };
}

/** What axe finds that keeps people out: one line for each rule, with the places. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, which no content security policy holds up.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
}

function programOf(name: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not installed: npm run setup`);
}
