import type { Page } from 'playwright-core';
import { ANALYSIS_ID, BAD } from '../support/past-executions.ts';

/** A place of the page to be looked at. */
export interface ShownPlace {
  /** Of the file. */
  readonly name: string;
  /** After the `#`. */
  readonly place: string;
  /** What is there once there is something to see. */
  readonly ready: string;
  /** What a person does there first. */
  readonly act?: (page: Page, prometheus: string) => Promise<void>;
}

/** Every view, on what screenshots.ts has stored and run. */
export const PLACES: readonly ShownPlace[] = [
  { name: 'runs', place: '/', ready: 'tr.run' },
  { name: 'runs-filtered', place: '/?phase=Failed,Error&text=success-rate', ready: 'tr.run' },
  { name: 'run-failed', place: '/runs/shop/release-3', ready: '.chart canvas' },
  { name: 'run-successful', place: '/runs/shop/release-2', ready: '.chart canvas' },
  { name: 'run-running', place: '/runs/shop/release-4', ready: '.chart canvas' },
  { name: 'run-hostile', place: '/runs/shop/hostile', ready: '.chart canvas' },
  { name: 'canary-failed', place: '/runs/shop/canary-3', ready: '.drawing svg' },
  { name: 'canary-successful', place: '/runs/shop/canary-2', ready: '.drawing svg' },
  {
    name: 'run-again',
    place: '/runs/shop/release-3',
    ready: '.buttons button',
    act: async (page) => {
      await page.getByRole('button', { name: 'Run with other arguments' }).click();
    },
  },
  { name: 'templates', place: '/templates', ready: '.verdicts' },
  { name: 'template', place: '/templates/shop/release-health', ready: '.heatmap' },
  { name: 'template-broken', place: '/templates/payments/broken', ready: '.findings' },
  { name: 'template-cluster', place: '/clustertemplates/saturation', ready: '.heatmap' },
  { name: 'try', place: '/try', ready: 'textarea', act: tryQuery },
  { name: 'executions', place: '/executions', ready: 'td .phase' },
  { name: 'execution', place: `/executions/${BAD}`, ready: '.drawing svg' },
  { name: 'analysis', place: `/analyses/${ANALYSIS_ID}`, ready: 'td .phase' },
  { name: 'undelivered', place: '/undelivered', ready: 'td button' },
];

async function tryQuery(page: Page, prometheus: string): Promise<void> {
  await page
    .getByLabel('Provider block')
    .fill(`prometheus:\n  address: ${prometheus}\n  query: vector({{args.rate}})\n`);
  await page.getByLabel('rate', { exact: true }).fill('0.97');
  await page.getByLabel('successCondition').fill('result[0] >= 0.95');
  await page.getByLabel('failureCondition').fill('result[0 < 0.9');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.locator('.trial').waitFor();
}
