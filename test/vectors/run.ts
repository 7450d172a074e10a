// npm run -s vectors -- SUITE FILE...   Runs vector files and prints the first failing cases, then 'N passed, N failed[, N skipped]'.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Outcome, parseVectors } from './suite.ts';
import { suites } from './suites/index.ts';

const FAILURES_SHOWN = 10;

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  readonly failures: Extract<Outcome, { status: 'failed' }>[];
}

/** Runs one suite over one file. Throws when the suite is unknown or the file cannot be read. */
export async function runVectors(suiteName: string, file: string): Promise<Tally> {
  const load = suites[suiteName];
  if (load === undefined)
    throw new Error(`unknown suite "${suiteName}"; known: ${Object.keys(suites).sort().join(', ')}`);
  const { suite } = await load();
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for await (const outcome of suite(parseVectors(file, readFileSync(file, 'utf8')), basename(file))) {
    tally[outcome.status] += 1;
    if (outcome.status === 'failed') tally.failures.push(outcome);
  }
  return tally;
}

async function main(args: readonly string[]): Promise<number> {
  const [suiteName, ...files] = args;
  if (suiteName === undefined || files.length === 0) {
    console.error('usage: npm run -s vectors -- SUITE FILE...');
    return 2;
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const tally = await runVectors(suiteName, file);
    for (const failure of tally.failures.slice(0, Math.max(0, FAILURES_SHOWN - total.failed))) {
      console.log(`FAILED ${failure.name}`);
      console.log(`  expected ${JSON.stringify(failure.expected)}`);
      console.log(`  actual   ${JSON.stringify(failure.actual)}`);
    }
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
