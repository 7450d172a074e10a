import { afterEach, beforeEach, expect, it } from 'vitest';
import { ANALYSIS, runBody, type TestApi, testApi } from '../../support/api.ts';

const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.app.close());

const sentWith = (headers: Readonly<Record<string, string>>) =>
  api.app.inject({
    method: 'POST',
    url: RUNS,
    // No content type: what a browser sends for a Blob without asking first.
    headers: { host: 'assay.example:8090', ...headers },
    payload: Buffer.from(JSON.stringify(runBody('run'))),
  });
const runs = async () => (await api.call('GET', RUNS)).body.items.length;

it.each([
  { name: 'another site', headers: { 'sec-fetch-site': 'cross-site' } },
  { name: 'another port of this machine', headers: { 'sec-fetch-site': 'same-site' } },
  { name: 'another origin, in clear text', headers: { origin: 'http://evil.example' } },
  { name: 'another origin that names this one', headers: { origin: 'http://evil.example/assay.example:8090' } },
  { name: 'a frame without an origin', headers: { origin: 'null' } },
  { name: 'another port', headers: { origin: 'http://assay.example:8091' } },
])('refuses a run that a page of $name sends', async ({ headers }) => {
  const answer = await sentWith(headers);
  expect(answer.statusCode).toBe(403);
  expect(answer.json()).toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('another origin') });
  expect(await runs()).toBe(0);
});

it.each([
  { name: 'a program', headers: {} },
  { name: 'the dashboard', headers: { 'sec-fetch-site': 'same-origin', origin: 'http://assay.example:8090' } },
  { name: 'the dashboard in clear text', headers: { origin: 'http://assay.example:8090' } },
  {
    name: 'the dashboard behind a proxy',
    headers: { host: '127.0.0.1:8090', origin: 'https://assay.example', 'x-forwarded-host': 'assay.example' },
  },
])('takes the run of $name', async ({ headers }) => {
  expect((await sentWith(headers)).statusCode).toBe(201);
});

it('lets everybody read', async () => {
  expect((await api.call('GET', RUNS, undefined, { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
});
