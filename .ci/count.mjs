// node .ci/count.mjs REPORT TESTS_STATUS CHECKS_FAILED   Prints "N passed, N failed" from vitest's JSON report and exits 1 unless all is well.
// A test that ran a file of vectors stands for the cases it counted. A failed check or a run that broke off counts as a failure.
import { readFileSync } from 'node:fs';

const [report, testsStatus, checksFailed] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const { assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    for (const { status, meta } of assertionResults) {
      if (status === 'passed') counts.passed += meta?.vectorsPassed ?? 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
  }
} catch (error) {
  console.log(`The test run left no report: ${error.message}`);
}
if (counts.passed === 0) console.log('No test ran.');
const brokeOff = counts.failed === 0 && (testsStatus !== '0' || counts.passed === 0);
counts.failed += Number(checksFailed) + (brokeOff ? 1 : 0);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 ? 1 : 0;
