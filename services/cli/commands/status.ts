import { isCompleted } from '../../domain/phase.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import { EXIT, exitCodeOf, type RunCommand, textOption, UsageError } from '../command.ts';
import { measurementsOf } from '../follow-run.ts';
import { measurementLine, phaseText, verdictLines } from '../report.ts';
import { serverOf } from '../server.ts';

/** A run that still goes on ends the command with 0: the question was answered. */
export const run: RunCommand = async (input) => {
  const format = textOption(input, 'output') ?? 'text';
  if (format !== 'text' && format !== 'json')
    throw new UsageError(`--output: "${format}" is no format`, 'text or json');
  const server = serverOf(input);
  const { body } = await server.request('GET', server.pathOf('analysisruns', input.positionals[0]!));
  const analysisRun = body as AnalysisRun;
  const { status = {} } = analysisRun;
  process.stdout.write(format === 'json' ? `${JSON.stringify(status)}\n` : statusText(analysisRun));
  return isCompleted(status.phase) ? exitCodeOf(status.phase) : EXIT.Successful;
};

function statusText(analysisRun: AnalysisRun): string {
  const finished = measurementsOf(analysisRun);
  const metrics = (analysisRun.status?.metricResults ?? []).flatMap((result) => [
    `  ${phaseText(result.phase)}  ${result.name}${result.message ? `: ${result.message}` : ''}`,
    ...finished
      .filter(({ metric }) => metric === result.name)
      .map((measurement) => `    ${measurementLine(measurement)}`),
  ]);
  return `${[verdictLines(analysisRun), ...metrics].join('\n')}\n`;
}
