import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import type { Peer } from '../../support/peer.ts';
import { callFor, testProviders } from '../../support/providers.ts';
import { startVictoriaMetrics } from '../../support/victoria-metrics.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** Minutes 0 … 9 of the canary; the stable version stands still. */
const samples = Array.from({ length: 10 }, (_, minute) => [
  `errors{version="canary"} ${minute} ${START + minute * MINUTE}`,
  `errors{version="stable"} 0.5 ${START + minute * MINUTE}`,
]).flat();

describe('the prometheus provider against a real VictoriaMetrics', () => {
  let victoria: Peer;
  beforeAll(async () => {
    victoria = await startVictoriaMetrics(samples);
  }, 30_000);
  afterAll(() => victoria?.stop());

  const providers = (now: number) => testProviders({ clock: new TestClock(START + now) });
  const ask = (query: object) =>
    providers(9 * MINUTE).measure(callFor({ prometheus: { address: victoria.url, ...query } })) as Promise<Reading>;

  it.each([
    { query: 'errors{version="canary"}', result: { type: '[]float64', value: [9] }, value: '[9]' },
    { query: 'sort(errors)', result: { type: '[]float64', value: [0.5, 9] }, value: '[0.5,9]' },
    { query: 'nothing', result: { type: '[]float64', value: [] }, value: '[]' },
    // MetricsQL has no scalars in answers: every one comes as a vector.
    { query: 'scalar(errors{version="canary"})', result: { type: '[]float64', value: [9] }, value: '[9]' },
  ])('$query reads $value', async ({ query, result, value }) => {
    expect(await ask({ query })).toMatchObject({ result, value });
  });

  it('asks a range between two expressions', async () => {
    const rangeQuery = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:03:00Z', step: '1m' };
    expect(await ask({ query: 'errors{version="canary"}', rangeQuery })).toMatchObject({ value: '[0,1,2,3]' });
  });

  it('repeats what is wrong with a query', async () => {
    await expect(ask({ query: 'sum(' })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^422: .*unparsed data|cannot parse/),
    });
  });

  it('gives a series for each set of labels', async () => {
    const found = await providers(5.5 * MINUTE).series(
      callFor({ prometheus: { address: victoria.url, query: 'errors' } }),
      { startMs: START + 2 * MINUTE, endMs: START + 8 * MINUTE, stepMs: MINUTE },
    );
    expect(found).toEqual(
      ['canary', 'stable'].map((version) => ({
        name: 'errors',
        tags: { version },
        startMs: START + 2 * MINUTE,
        stepMs: MINUTE,
        values: new Float64Array(version === 'canary' ? [2, 3, 4] : [0.5, 0.5, 0.5]),
        notes: ['newest bucket incomplete, left out'],
      })),
    );
  });
});
