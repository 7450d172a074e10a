/**
 * npm run demo [-- --keep]   Two canaries of a small shop, analysed against a real Prometheus: the healthy one must end Successful, the faulty
 * one Failed. Exits 0 only then. --keep leaves everything running until Ctrl-C.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, styleText } from 'node:util';
import type { Phase } from '../../services/domain/phase.ts';
import { isCompleted } from '../../services/domain/phase.ts';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { create, watchRuns } from './assay-client.ts';
import { newMeasurements, type Shown } from './new-measurements.ts';
import { type Stage, setStage } from './stage.ts';
import { type Canary, verdictOf } from './verdict.ts';

const TEMPLATES = ['success-rate', 'latency', 'canary-health'];
const CANARIES = [
  { run: 'healthy-canary', release: '1.1', must: 'Successful' },
  { run: 'faulty-canary', release: '1.2', must: 'Failed' },
] as const satisfies readonly Canary[];

const TRAFFIC_WITHIN_MS = 40_000;
const VERDICTS_WITHIN_MS = 60_000;

const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });

async function main(stage: Stage): Promise<boolean> {
  say(`  ${'Prometheus'.padEnd(12)}${stage.prometheus.url}`);
  for (const { release, url, about } of stage.shops) say(`  ${`shop ${release}`.padEnd(12)}${url}   ${dim(about)}`);
  say(`  ${'Assay'.padEnd(12)}${stage.assay.url}`);

  say('\nVisitors come in; waiting until Prometheus has counted them.');
  await untilCounted(stage);

  for (const name of TEMPLATES)
    await create(stage.assay.url, 'analysistemplates', await readFile(`openapi/examples/${name}.yaml`, 'utf8'));
  say(`Applied ${TEMPLATES.map((name) => `openapi/examples/${name}.yaml`).join(', ')}.`);

  const runs = await untilCompleted(stage);
  say('');
  return CANARIES.map((canary) => tellVerdict(runs.get(canary.run), canary)).every(Boolean);
}

async function untilCounted({ prometheus, shops }: Stage): Promise<void> {
  const query = encodeURIComponent('sum by (version) (rate(http_requests_total[15s])) > 0');
  for (const deadline = Date.now() + TRAFFIC_WITHIN_MS; Date.now() < deadline; await sleep(250)) {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${query}`);
    const { data } = (await answer.json()) as { data: { result: unknown[] } };
    if (data.result.length === shops.length) return;
  }
  throw new Error(`Prometheus saw no requests within ${TRAFFIC_WITHIN_MS / 1000} s`);
}

/** Starts a run for each canary and shows their measurements until all have completed. */
async function untilCompleted({ assay, prometheus }: Stage): Promise<ReadonlyMap<string, AnalysisRun>> {
  const watching = AbortSignal.timeout(VERDICTS_WITHIN_MS);
  const states = watchRuns(assay.url, watching);
  for (const { run, release } of CANARIES) {
    await create(assay.url, 'analysisruns', runOf(run, release, prometheus.url));
    say(`Started AnalysisRun ${bold(run)} from the template canary-health with version=${release}.`);
  }
  say(dim(`\n  ${'run'.padEnd(16)}${'metric'.padEnd(14)}${'#'.padEnd(4)}${'value'.padEnd(12)}phase`));
  const latest = new Map<string, AnalysisRun>();
  for await (const run of states) {
    for (const measurement of newMeasurements(latest.get(run.metadata.name), run)) say(row(run, measurement));
    latest.set(run.metadata.name, run);
    if (CANARIES.every((canary) => isCompleted(latest.get(canary.run)?.status?.phase))) break;
  }
  return latest;
}

function runOf(name: string, version: string, prometheus: string): string {
  return JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name },
    spec: {
      templates: [{ templateName: 'canary-health' }],
      args: [
        { name: 'version', value: version },
        { name: 'prometheus', value: prometheus },
      ],
    },
  });
}

function row(run: AnalysisRun, { metric, number, measurement }: Shown): string {
  const value = (measurement.value ?? measurement.message ?? '').replaceAll(/\d+\.\d{5,}/g, (digits) =>
    Number(digits).toFixed(4),
  );
  return `  ${run.metadata.name.padEnd(16)}${metric.padEnd(14)}${String(number).padEnd(4)}${value.padEnd(12)}${coloured(measurement.phase)}`;
}

/** Shows a verdict with its reasons; true when it is the one that must be. */
function tellVerdict(run: AnalysisRun | undefined, canary: Canary): boolean {
  const { isRight, lines } = verdictOf(run, canary);
  say(`${bold(canary.run)}: ${coloured(run?.status?.phase || 'Pending')}`);
  for (const line of lines) say(`  ${line}`);
  return isRight;
}

function coloured(phase: Phase): string {
  switch (phase) {
    case 'Successful':
      return styleText('green', phase);
    case 'Failed':
    case 'Error':
      return styleText('red', phase);
    default:
      return styleText('yellow', phase);
  }
}

function bold(text: string): string {
  return styleText('bold', text);
}

function dim(text: string): string {
  return styleText('dim', text);
}

function say(text: string): void {
  console.log(text);
}

async function untilInterrupted({ assay }: Stage): Promise<void> {
  say(`\nEverything stays up until Ctrl-C. Try:\n  kubectl --server ${assay.url} get analysisruns`);
  say(`  kubectl --server ${assay.url} describe analysisrun faulty-canary`);
  say(`  npm run -s assay -- status healthy-canary --server ${assay.url}`);
  await interrupted;
}

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

say(
  `${bold('Assay')}: two canaries of a small shop are measured against a real Prometheus, and each gets its verdict.\n`,
);
const stage = await setStage();
try {
  const played = main(stage);
  const asItMustBe = await Promise.race([played, interrupted]);
  if (asItMustBe === undefined) say('Stopped.');
  else if (options.keep) await untilInterrupted(stage);
  process.exitCode = asItMustBe ? 0 : 1;
} catch (error) {
  console.error(`\nThe demo broke off: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await stage.stop();
}
if (process.exitCode === 0) say('\nBoth verdicts are as they must be.');
process.exit();
