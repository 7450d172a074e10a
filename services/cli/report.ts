import { styleText } from 'node:util';
import { earlyEndWarnings, outcomeWarnings } from '../analysis/outcome-warnings.ts';
import { planRun } from '../analysis/plan-run.ts';
import { reasonOf } from '../analysis/reason.ts';
import { isCompleted, type Phase } from '../domain/phase.ts';
import type { AnalysisRun, RunSummary } from '../domain/run.ts';
import { type Input, textOption, UsageError } from './command.ts';
import type { FinishedMeasurement, Reporter } from './reporter.ts';

/** What `--output` and the terminal ask for. Throws UsageError. */
export function reporterOf(input: Input): Reporter {
  const format = textOption(input, 'output') ?? 'text';
  if (format === 'json') return jsonLines();
  if (format !== 'text') throw new UsageError(`--output: "${format}" is no format`, 'text or json');
  return process.stdout.isTTY ? liveLines() : plainLines();
}

function jsonLines(): Reporter {
  const print = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    measured: (finished) => print({ event: 'measurement', ...finished }),
    progressed: () => {},
    ended: (run) => {
      const { metricResults, ...status } = run.status ?? {};
      print({
        event: 'verdict',
        namespace: run.metadata.namespace,
        name: run.metadata.name,
        ...status,
        metricResults: metricResults?.map(({ measurements: _measurements, ...result }) => result),
        reason: reasonOf(run),
        warnings: warningsOn(run),
      });
    },
  };
}

function plainLines(): Reporter {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  return {
    measured: (finished) => print(measurementLine(finished)),
    progressed: () => {},
    ended: (run) => print(verdictLines(run)),
  };
}

function liveLines(): Reporter {
  let last: AnalysisRun | undefined;
  const erase = '\r\u001b[K';
  const draw = (): void => {
    if (last !== undefined && !isCompleted(last.status?.phase)) process.stdout.write(erase + progressLine(last));
  };
  const ticking = setInterval(draw, 1000);
  ticking.unref();
  return {
    measured: (finished) => void process.stdout.write(`${erase}${measurementLine(finished)}\n`),
    progressed: (run) => {
      last = run;
      draw();
    },
    ended: (run) => {
      clearInterval(ticking);
      process.stdout.write(`${erase}${verdictLines(run)}\n`);
    },
  };
}

const ICONS: Readonly<Record<Phase, string>> = {
  Successful: '✔',
  Failed: '✖',
  Inconclusive: '?',
  Error: '⚠',
  Running: '◌',
  Pending: '◷',
};
const COLORS = {
  Successful: 'green',
  Failed: 'red',
  Inconclusive: 'yellow',
  Error: 'magenta',
  Running: 'cyan',
  Pending: 'gray',
} as const satisfies Record<Phase, string>;

/** A phase in its colour, where the stream shows colours. */
export function phaseText(phase: Phase): string {
  return styleText(COLORS[phase], `${ICONS[phase]} ${phase}`, { stream: process.stdout });
}

/** `✖ Failed  success-rate #3  [0.8]  failureCondition result[0] < 0.95`. */
export function measurementLine(finished: FinishedMeasurement): string {
  const { metric, number, measurement, dryRun, successCondition, failureCondition } = finished;
  const conditions = [
    successCondition && `successCondition ${oneLine(successCondition)}`,
    failureCondition && `failureCondition ${oneLine(failureCondition)}`,
  ].filter((text) => text !== undefined);
  const parts = [
    `${phaseText(measurement.phase)}${dryRun ? ' (dry run)' : ''}`,
    `${metric} #${number}`,
    measurement.value && oneLine(measurement.value),
    conditions.join(', '),
    measurement.message && oneLine(measurement.message),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}

/** How a run stands, why, and what about that may surprise. */
export function verdictLines(run: AnalysisRun): string {
  const { phase, message, runSummary, dryRunSummary } = run.status ?? {};
  const { sentence } = reasonOf(run);
  const lines = [`${phaseText(phase || 'Pending')}  ${run.metadata.name}${message ? `: ${message}` : ''}`];
  if (sentence !== message) lines.push(`  ${sentence}`);
  if (runSummary !== undefined) lines.push(`  metrics: ${tally(runSummary)}`);
  if ((dryRunSummary?.count ?? 0) > 0) lines.push(`  dry run: ${tally(dryRunSummary!)}`);
  return [...lines, ...warningsOn(run).map((text) => `  warning: ${text}`)].join('\n');
}

function warningsOn({ spec, status }: AnalysisRun): readonly string[] {
  if (status === undefined || !isCompleted(status.phase)) return [];
  const plan = planRun(spec);
  return 'fault' in plan ? earlyEndWarnings(spec) : outcomeWarnings(spec, status, plan);
}

function tally({ count = 0, successful, failed, inconclusive, error }: RunSummary): string {
  const parts = Object.entries({ successful, failed, inconclusive, error }).filter(([, number]) => (number ?? 0) > 0);
  return `${count} (${parts.map(([word, number]) => `${number} ${word}`).join(', ') || 'none completed'})`;
}

function progressLine({ status = {} }: AnalysisRun): string {
  const elapsed = status.startedAt === undefined ? 0 : Math.max(0, Date.now() - Date.parse(status.startedAt));
  const metrics = (status.metricResults ?? []).map(({ name, count = 0, phase }) => `${name} ${count} ${ICONS[phase]}`);
  const text = [`◌ ${Math.round(elapsed / 1000)}s`, ...metrics].join('  ');
  return text.slice(0, Math.max(20, (process.stdout.columns ?? 80) - 1));
}

function oneLine(text: string): string {
  const line = text.replace(/\s*\n\s*/gu, ' ');
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
