/**
 * `npm run faults -- [--fault NAME] [--rounds N] [--seed N] [--lanes N]`: see README.md. Exit code 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { type Outcome, playCampaign, seconds } from './campaign.ts';
import { FAULTS, LONG_PAUSES } from './every-fault.ts';
import type { Times } from './round.ts';

const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    lanes: { type: 'string' },
  },
});
const rounds = wholeNumber('rounds', values.rounds ?? '20');
const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000));
const lanes = wholeNumber('lanes', values.lanes ?? '4');
const names = FAULTS.map(({ name }) => name);
const unknown = values.fault?.find((name) => !names.includes(name));
if (unknown !== undefined) refuse(`--fault takes one of ${names.join(', ')}, not "${unknown}"`);
const faults = FAULTS.filter(({ name }) => values.fault?.includes(name) ?? true);

console.log(`faults: ${rounds} rounds of each, seed ${seed} (repeat with --seed ${seed})`);
const outcomes = await playCampaign({ faults, rounds, seed, lanes, pauses: LONG_PAUSES, say: console.log });
console.log(table(outcomes));
for (const { fault, violations } of outcomes)
  for (const { round, message } of violations) console.error(`seed ${seed}, ${fault}, round ${round}: ${message}`);
if (outcomes.some(({ violations }) => violations.length > 0)) process.exitCode = 1;

function table(each: readonly Outcome[]): string {
  const head = [
    ...['fault', 'rounds', 'runs acknowledged', 'measurements', 'violations'],
    ...['went on after strike', 'after lift', 'every run after lift'],
  ];
  const rows = each.map(({ fault, times, acknowledged, measurements, violations }) => [
    ...[fault, times.length, acknowledged, measurements, violations.length].map(String),
    ...(['afterStrikeMs', 'afterLiftMs', 'allAfterLiftMs'] as const).map((which) => spread(times, which)),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const text = [line(head), line(head.map(() => '---')), ...rows.map(line)];
  return ['', 'Times in seconds, median / longest:', '', ...text, ''].join('\n');
}

function spread(times: readonly Times[], which: keyof Times): string {
  const sorted = times.map((each) => each[which]).toSorted((a, b) => a - b);
  if (sorted.length === 0) return '';
  return `${seconds(sorted[sorted.length >> 1]!)} / ${seconds(sorted.at(-1)!)}`;
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1
    ? number
    : refuse(`--${option} takes a whole number from 1 on, not "${text}"`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(4);
}
