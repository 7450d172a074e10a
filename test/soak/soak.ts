/** `npm run soak -- [--minutes N] [--runs N]`: see README.md in ../faults. Exit code 1 when memory was not level, or the load was not held. */
import { parseArgs } from 'node:util';
import { holdLoad, megabytes } from './hold.ts';
import { GROWS } from './memory.ts';

const MOST_GROWTH = 0.1;
const LEAST_OF_LOAD = 0.95;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, runs: { type: 'string' } } });
const minutes = positive('minutes', values.minutes ?? '30');
const runs = positive('runs', values.runs ?? '25000');

console.log(`soak: ${runs} live runs with an interval of a minute, ${minutes} minutes`);
const report = await holdLoad({
  ...{ minutes, runs, intervalSeconds: 60, measurements: 10, mostGrowth: MOST_GROWTH, say: console.log },
});
console.log('\n| memory of | first third | last third | change | |');
console.log('| --- | --- | --- | --- | --- |');
for (const { of, first, last, isLevel } of report.levels) {
  const word = isLevel === undefined ? GROWS[of] : isLevel ? 'level' : 'GROWS';
  const change = `${((last / first - 1) * 100).toFixed(1)} %`;
  console.log(`| ${of} | ${megabytes(first)} | ${megabytes(last)} | ${change} | ${word} |`);
}
const { measurementsPerSecond, expectedPerSecond, storedRuns } = report;
console.log(
  `\n${measurementsPerSecond.toFixed(1)} measurements a second of ${expectedPerSecond.toFixed(1)}; ${storedRuns} runs stored at the end, of which the completed ones wait to be removed`,
);
console.log(`level: the mean of the last third is at most ${MOST_GROWTH * 100} % above that of the first`);
const isHeld = measurementsPerSecond >= expectedPerSecond * LEAST_OF_LOAD;
if (!isHeld) console.error(`the load was not held: less than ${LEAST_OF_LOAD * 100} % of the measurements were taken`);
if (!isHeld || report.levels.some(({ isLevel }) => isLevel === false)) process.exitCode = 1;

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  console.error(`--${option} takes a number above 0, not "${text}"`);
  process.exit(4);
}
