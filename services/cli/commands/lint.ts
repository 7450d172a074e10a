import { checkDocuments, findingText } from '../check-documents.ts';
import { EXIT, type RunCommand, textOption, UsageError } from '../command.ts';
import { readDocuments } from '../read-documents.ts';

/** Exits 1 when there is an error; warnings alone are no failure. */
export const run: RunCommand = async (input, program) => {
  const format = textOption(input, 'output') ?? 'text';
  if (format !== 'text' && format !== 'json')
    throw new UsageError(`--output: "${format}" is no format`, 'text or json');
  const documents = (await Promise.all(input.positionals.map(readDocuments))).flat();
  const checked = await checkDocuments(documents, program);
  if (checked.length === 0)
    throw new UsageError(
      'nothing to check',
      'AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun and Rollout documents are, and canary configs',
    );
  const found = checked.flatMap(({ from, findings }) => findings.map((finding) => ({ from, finding })));
  for (const { from, finding } of found) {
    const { file, line, value } = from;
    const json = { file, line, kind: value.kind, name: value.metadata?.name, ...finding };
    process.stdout.write(`${format === 'json' ? JSON.stringify(json) : findingText(from, finding)}\n`);
  }
  const errors = found.filter(({ finding }) => finding.severity === 'error').length;
  if (format === 'text')
    process.stderr.write(`${checked.length} documents, ${errors} errors, ${found.length - errors} warnings\n`);
  return errors > 0 ? EXIT.Failed : EXIT.Successful;
};
