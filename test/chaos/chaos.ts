/** `npm run chaos -- [--kills N] [--seed N]`: see kill-at-random.ts. Exit code 1 when a promise was broken. */
import { parseArgs } from 'node:util';
import { killAtRandom } from './kill-at-random.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } });
const kills = wholeNumber('kills', values.kills ?? '200');
const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000));

console.log(`chaos: ${kills} kills, seed ${seed} (repeat with --seed ${seed})`);
try {
  const report = await killAtRandom({ kills, seed, liveRuns: 50, say: console.log });
  console.log(`${report.kills} kills, ${report.killsWhileStarting} of them while starting:`);
  console.log(`${report.acknowledged} acknowledged runs are all there and ended as they should,`);
  console.log(`${report.measurements} measurements are as they were recorded, none twice`);
} catch (error) {
  console.error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${option} takes a whole number, not "${text}"`);
  process.exit(4);
}
