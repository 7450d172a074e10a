import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assay } from '../../support/assay-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-judge-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(ending: string, content: string | object): string {
  files += 1;
  const name = join(folder, `${files}.${ending}`);
  writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

const metric = (name: string, canary: object = {}) => ({ name, groups: ['g'], analysisConfigurations: { canary } });
const config = (names: readonly string[], more: object = {}) => ({
  name: 'shop',
  applications: ['shop'],
  metrics: names.map((name) => metric(name)),
  classifier: { groupWeights: { g: 100 } },
  ...more,
});
const around = (middle: number) => Array.from({ length: 30 }, (_, index) => middle + ((index * 7) % 5) / 10);
const pair = (name: string, control: readonly (number | string)[], experiment: readonly (number | string)[]) => ({
  name,
  id: name,
  tags: {},
  values: { control, experiment },
});
const csv = (head: string, rows: readonly (readonly unknown[])[]) =>
  [head, ...rows.map((row) => row.join(','))].join('\n');
const rows = (canary: number) => around(1).map((value, index) => [index, value, around(canary)[index]]);

describe('assay judge', () => {
  it.each([
    {
      name: 'samples as JSON',
      samples: () => file('json', [pair('m', around(1), around(1))]),
      exit: 0,
      says: /"classification": "Pass"/,
    },
    {
      name: 'one column each',
      samples: () => file('csv', csv('time,baseline,canary', rows(9))),
      exit: 1,
      says: /"score": 0/,
    },
    {
      name: 'gaps and quotes',
      samples: () => file('csv', 'metric,baseline,canary\r\n"m",1,1\r\nm,2,\r\n m ,3,NaN\r\n\r\n'),
      exit: 0,
      says: /"missing": 2/,
    },
    {
      name: 'marginal',
      samples: () => file('json', [pair('m', around(1), around(1))]),
      args: ['--pass', '101'],
      exit: 2,
      says: /"Marginal"/,
    },
    {
      name: 'as text',
      samples: () => file('json', [pair('m', around(1), around(9))]),
      args: ['-o', 'text'],
      exit: 1,
      says: /^Fail {2}score 0[\s\S]*High +m +1\.2 +9\.2 +[\s\S]*The canary is higher by 8/,
    },
  ])('$name: exit $exit', async ({ samples, args = [], exit, says }) => {
    const { code, out, err } = await assay(['judge', file('json', config(['m'])), '--samples', samples(), ...args]);
    expect([code, out, err]).toEqual([exit, expect.stringMatching(says), '']);
  });

  it('takes the body of POST /judge, from standard input as well', async () => {
    const body = {
      canaryConfig: config(['m']),
      scoreThresholds: { pass: 95, marginal: 75 },
      metricSetPairList: [pair('m', around(1), around(9))],
    };
    const { code, out } = await assay(['judge', '-'], { stdin: JSON.stringify(body) });
    expect([code, JSON.parse(out).score.classification]).toEqual([1, 'Fail']);
  });

  it('says which metrics have no samples: their silence is no evidence', async () => {
    const { code, err } = await assay([
      'judge',
      file('json', config(['m', 'n'])),
      '-s',
      file('json', [pair('m', around(1), around(1))]),
    ]);
    expect([code, err]).toEqual([0, 'warning: metric "n" has no samples and is not judged\n']);
  });

  it.each([
    {
      name: 'a judge nobody knows',
      config: config(['m'], { judge: { name: 'x' } }),
      exit: 3,
      says: /Unable to resolve canary judge 'x'/,
    },
    { name: 'no classifier', config: { metrics: [metric('m')] }, exit: 3, says: /needs a classifier/ },
    {
      name: 'samples of an unknown metric',
      config: config(['n']),
      exit: 3,
      says: /Could not find metric config for m/,
    },
    {
      name: 'a threshold that is none',
      config: config(['m']),
      args: ['--pass', 'x'],
      exit: 4,
      says: /--pass: "x" is no score/,
    },
    { name: 'a format that is none', config: config(['m']), args: ['-o', 'xml'], exit: 4, says: /"xml" is no format/ },
    { name: 'a broken config', config: { metrics: 5 }, exit: 4, says: /nothing to judge/ },
    { name: 'no samples', config: config(['m']), samples: 'nothing.csv', exit: 4, says: /no such file/ },
    {
      name: 'CSV without the columns',
      config: config(['m']),
      samples: () => file('csv', 'a,b\n1,2'),
      exit: 4,
      says: /no samples\n.*metric, baseline and canary/,
    },
    {
      name: 'CSV of nobody knows which',
      config: config(['m', 'n']),
      samples: () => file('csv', 'baseline,canary\n1,2'),
      exit: 4,
      says: /which metric/,
    },
    {
      name: 'CSV with words',
      config: config(['m']),
      samples: () => file('csv', 'baseline,canary\n1,2\n1,x'),
      exit: 4,
      says: /:3: "x" is no number/,
    },
  ])(
    '$name: exit $exit',
    async ({ config: given, samples = () => file('json', [pair('m', [1], [1])]), args = [], exit, says }) => {
      const from = typeof samples === 'string' ? samples : samples();
      const { code, out, err } = await assay(['judge', file('json', given), '-s', from, ...args]);
      expect([code, out, err]).toEqual([exit, '', expect.stringMatching(says)]);
    },
  );
});

it.each([
  { name: 'a good one', given: config(['m']), code: 0, says: '' },
  {
    name: 'read otherwise',
    given: config(['m'], {
      metrics: [metric('m', { direction: 'increas' })],
      classifier: { groupWeights: { g: 120 } },
    }),
    code: 0,
    says: /1: warning: metric "m": direction "increas"[\s\S]*add up to 120/,
  },
  {
    name: 'refused by Kayenta',
    given: config(['m', 'm'], { name: 'a b' }),
    code: 1,
    says: /error: Canary config cannot be named 'a b'/,
  },
  {
    name: 'misshapen',
    given: { ...config([]), metrics: [{ name: 'm', groups: 5 }] },
    code: 1,
    says: /error: .*groups/,
  },
])('assay lint of a canary config: $name', async ({ given, code, says }) => {
  const answer = await assay(['lint', file('json', given)]);
  expect([answer.code, answer.out]).toEqual([code, says === '' ? '' : expect.stringMatching(says)]);
});
