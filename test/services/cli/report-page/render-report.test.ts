import { describe, expect, it } from 'vitest';
import { linearScale, roundTicks, shortNumber } from '../../../../services/charts/scale.ts';
import { renderReport } from '../../../../services/cli/report-page/render-report.ts';
import type { RunReport } from '../../../../services/cli/report-page/run-report.ts';
import { judge } from '../../../../services/judge/judge.ts';

type Values = readonly number[];

function reportOf(
  samples: Readonly<Record<string, readonly [baseline: Values, canary: Values]>>,
  more: Partial<RunReport> = {},
): string {
  const metrics = Object.keys(samples).map((name) => ({
    name,
    groups: ['all'],
    analysisConfigurations: { canary: {} },
  }));
  const pairs = Object.entries(samples).map(([name, [control, experiment]]) => ({
    name,
    values: { control, experiment },
  }));
  const thresholds = { pass: 95, marginal: 75 };
  const judgement = judge(undefined, { metrics, classifier: { groupWeights: {} } }, thresholds, pairs);
  const drawn = pairs.map(({ name, values }) => ({ name, baseline: values.control, canary: values.experiment }));
  return renderReport({
    name: 'run',
    namespace: 'default',
    kind: 'Analysis run',
    phase: 'Failed',
    sentence: 'It failed.',
    warnings: [],
    metrics: [],
    comparisons: [{ title: 'canary', thresholds, judgement, pairs: drawn }],
    ...more,
  });
}
const around = (middle: number, count = 40): Values =>
  Array.from({ length: count }, (_, index) => middle + ((index * 7) % 5) / 10);
const linesOf = (page: string) =>
  [...page.matchAll(/<path class="line (?:baseline|canary)" d="([^"]*)"/gu)].map(([, path]) => path ?? '');

describe('the page', () => {
  it('says score, groups, thresholds, the reason, and draws samples, distribution and interval', () => {
    const page = reportOf({ errors: [around(1), around(5)] });
    for (const text of [
      '<b class="bad">0</b>',
      'pass from 95, marginal from 75',
      'all',
      'The canary is higher by 4',
      'aria-label="Samples of errors',
      'aria-label="Distribution of errors',
      'aria-label="Shift 4, interval',
    ])
      expect(page).toContain(text);
  });

  it('needs nothing from anywhere: no script, no address, and a policy that allows none', () => {
    const page = reportOf({ errors: [around(1), around(5)] });
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|https?:/u);
  });

  it('lets no name become markup', () => {
    const evil = `</title><script>alert("1")</script>'&`;
    const page = reportOf(
      { [evil]: [around(1), around(5)] },
      {
        name: evil,
        namespace: evil,
        sentence: evil,
        warnings: [evil],
        metrics: [
          {
            name: evil,
            phase: 'Failed',
            message: evil,
            measurements: [{ phase: 'Failed', value: evil, message: evil }],
          },
        ],
      },
    );
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;');
    expect(page.match(/<\/title>/gu)).toHaveLength(1);
  });

  it.each([
    { name: 'nothing', samples: [[], []] },
    { name: 'NaN alone', samples: [[Number.NaN], [Number.NaN, Number.NaN]] },
    { name: 'one point', samples: [[1], [2]] },
    {
      name: 'constants',
      samples: [
        [3, 3, 3],
        [3, 3, 3],
      ],
    },
    {
      name: 'infinities',
      samples: [
        [1, 2, Number.POSITIVE_INFINITY, 3],
        [Number.NEGATIVE_INFINITY, 5, 6, 7],
      ],
    },
    {
      name: 'the largest numbers',
      samples: [
        [1e308, -1e308, 1e308],
        [-1e308, 1e308, 1e307],
      ],
    },
    {
      name: 'the smallest',
      samples: [
        [5e-324, 0, 5e-324],
        [0, 0, 5e-324],
      ],
    },
  ] as const)('draws $name without a number that is none', ({ samples: [baseline, canary] }) => {
    const page = reportOf({ m: [baseline, canary] });
    const drawn = [...page.matchAll(/ (?:d|x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"/gu)].map(([, value]) => value);
    expect(drawn.join(' ')).not.toMatch(/NaN|Infinity|undefined/u);
  });

  it('leaves gaps, and draws a point between two of them', () => {
    const [baseline] = linesOf(reportOf({ m: [[1, Number.NaN, 2, Number.NaN, 3, 4], around(1)] }));
    expect(baseline?.match(/M/gu)).toHaveLength(3);
    expect(baseline?.match(/L/gu)).toHaveLength(1);
  });

  it('draws a long series with its extremes, and no more than fits', () => {
    const long = Array.from({ length: 100_000 }, (_, index) => (index === 77_777 ? 1000 : index % 10));
    const [baseline = ''] = linesOf(reportOf({ m: [long, around(1)] }));
    expect(baseline.length).toBeLessThan(40_000);
    const heights = [...baseline.matchAll(/ (\d+\.\d)/gu)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBe(8);
  });

  it('folds up what passes when there is much', () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`m${index}`, [around(1), around(index === 3 ? 9 : 1)] as const]),
    );
    const page = reportOf(many);
    expect(page.match(/<details>/gu)).toHaveLength(9);
    expect(page.match(/<details open>/gu)).toHaveLength(1);
  });
});

it.each([
  [undefined, '–'],
  [0, '0'],
  [-0.5, '−0.5'],
  [1234.56, '1235'],
  [12_345, '12.35k'],
  [2_500_000, '2.5M'],
  [1e12, '1.00e12'],
  [1e-7, '1.00e−7'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '−∞'],
])('%s reads %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

it('ticks are round and within the ends', () => {
  expect(roundTicks(linearScale(0.13, 1.07, 0, 100), 4)).toEqual([0.5, 1]);
  expect(roundTicks(linearScale(-20, 85, 0, 100), 4)).toEqual([0, 50]);
});
