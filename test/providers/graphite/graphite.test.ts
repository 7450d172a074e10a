import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { TestClock } from '../../support/clock.ts';
import { type GraphiteServer, startGraphite } from '../../support/graphite.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const MINUTE = 60_000;
/** Graphite keeps the last day only: minute 0 is a whole ten minutes ago. */
const START = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE - 20 * MINUTE;

/** Minutes 0 … 9; the canary has a gap at minute 4. */
const samples = Array.from({ length: 10 }, (_, minute) => [
  ...(minute === 4 ? [] : [{ path: 'shop.canary.errors', value: minute, epochSeconds: START / 1000 + minute * 60 }]),
  { path: 'shop.stable.errors', value: 0.5, epochSeconds: START / 1000 + minute * 60 },
]).flat();

const seconds = (minute: number): number => START / 1000 + minute * 60;

describe('against a real Graphite', () => {
  let graphite: GraphiteServer;
  beforeAll(async () => {
    graphite = await startGraphite(samples);
  }, 60_000);
  afterAll(() => graphite?.stop());

  const ask = (query: string) =>
    testProviders().measure(callFor({ graphite: { address: graphite.url, query } })) as Promise<Reading>;

  it.each([
    { target: 'shop.canary.errors', from: 0, until: 3, value: '[1.000000,2.000000,3.000000]' },
    { target: 'shop.canary.errors', from: 2, until: 6, value: '[3.000000,5.000000,6.000000]' },
    { target: 'shop.canary.errors', from: 3, until: 4, value: '[]' },
    { target: 'sumSeries(shop.*.errors)', from: 7, until: 9, value: '[8.500000,9.500000]' },
    { target: 'shop.{stable, canary}.errors', from: 7, until: 9, value: '[8.000000,9.000000]' },
  ])('$target after minute $from up to $until reads $value', async ({ target, from, until, value }) => {
    expect(await ask(`target=${target}&from=${seconds(from)}&until=${seconds(until)}`)).toMatchObject({ value });
  });

  it.each([
    { query: 'target=shop.none', message: 'no values found' },
    { query: 'target=noSuchFunction(shop.canary.errors)', message: 'error response: ' },
  ])('$query fails: $message', async ({ query, message }) => {
    await expect(ask(query)).rejects.toThrow(message);
  });

  const series = (query: string, from: number, to: number, now: number, stepMs = MINUTE) =>
    testProviders({ clock: new TestClock(START + now) }).series(
      callFor({ graphite: { address: graphite.url, query } }),
      { startMs: START + from, endMs: START + to, stepMs },
    );

  it('gives each step of a range its own sample: the first one included, the one at the end not', async () => {
    const grid = { tags: {}, startMs: START + 2 * MINUTE, stepMs: MINUTE };
    expect(await series('target=shop.*.errors', 2 * MINUTE, 6 * MINUTE, 20 * MINUTE)).toEqual([
      { ...grid, name: 'shop.canary.errors', values: new Float64Array([2, 3, Number.NaN, 5]) },
      { ...grid, name: 'shop.stable.errors', values: new Float64Array([0.5, 0.5, 0.5, 0.5]) },
    ]);
  });

  it('begins with the first step that begins within the range', async () => {
    const [canary] = await series('target=shop.canary.errors', 1.5 * MINUTE + 1, 4.5 * MINUTE, 20 * MINUTE);
    expect(canary).toMatchObject({ startMs: START + 2 * MINUTE, values: new Float64Array([2, 3]) });
  });

  it('leaves out the bucket that has not ended, and says so', async () => {
    const query = 'target=summarize(shop.canary.errors,"2min","sum",false)';
    const [canary] = await series(query, 4 * MINUTE, 12 * MINUTE, 9.5 * MINUTE, 2 * MINUTE);
    expect(canary).toMatchObject({
      startMs: START + 4 * MINUTE,
      values: new Float64Array([5, 13]),
      notes: ['newest bucket incomplete, left out'],
    });
  });

  it('has the range win over a window in the query', async () => {
    const [canary] = await series('target=shop.canary.errors&from=-1h&until=now', 0, 2 * MINUTE, 20 * MINUTE);
    expect(canary).toMatchObject({ values: new Float64Array([0, 1]) });
  });

  it('takes the last number of a step that holds several samples, whatever gaps are behind it', async () => {
    const [canary] = await series('target=shop.canary.errors', 0, 5 * MINUTE, 20 * MINUTE, 5 * MINUTE);
    expect(canary?.values.at(-1)).toBe(3);
  });
});
