import { readArgumentFlag, runFromTemplate } from '../../analysis/rollout/run-from-template.ts';
import type { AnalysisTemplate, Argument } from '../../domain/template.ts';
import { notingTemplates } from '../../engine/made-from.ts';
import { EXIT, type Input, type RunCommand, textOption, textOptions, UsageError } from '../command.ts';
import { readDocuments } from '../read-documents.ts';
import { type Server, serverOf } from '../server.ts';

export const run: RunCommand = async (input) => {
  const from = textOption(input, 'from');
  const file = textOption(input, 'from-file');
  if ((from === undefined) === (file === undefined))
    throw new UsageError('one of --from or --from-file must be specified');
  const args = argumentsOf(input, 'argument');
  const server = serverOf(input);
  const template = file === undefined ? await fetchTemplate(server, from!, input) : await readTemplate(file);
  const name = textOption(input, 'name');
  const generateName = textOption(input, 'generate-name');
  const instanceId = textOption(input, 'instance-id');
  const request = {
    template,
    args,
    namespace: server.namespace,
    ...(name !== undefined && { name }),
    ...(generateName !== undefined && { generateName }),
    ...(instanceId !== undefined && { instanceId }),
  };
  const { body, warnings } = await server.request('POST', server.pathOf('analysisruns'), { body: built(request) });
  for (const text of warnings) process.stderr.write(`warning: ${text}\n`);
  process.stdout.write(`analysisrun.argoproj.io/${(body as { metadata: { name: string } }).metadata.name} created\n`);
  return EXIT.Successful;
};

/** The arguments of the command line. Throws UsageError in Argo's words. */
export function argumentsOf(input: Input, option: string): Argument[] {
  return textOptions(input, option).map((text) => {
    try {
      return readArgumentFlag(text);
    } catch (error) {
      throw new UsageError((error as Error).message, `--${option} is "${text}"`);
    }
  });
}

function built(request: Parameters<typeof runFromTemplate>[0]): ReturnType<typeof runFromTemplate> {
  try {
    const run = runFromTemplate(request);
    return { ...run, metadata: notingTemplates(run.metadata, [request.template]) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function fetchTemplate(server: Server, name: string, input: Input): Promise<AnalysisTemplate> {
  const plural = input.values['global'] === true ? 'clusteranalysistemplates' : 'analysistemplates';
  return (await server.request('GET', server.pathOf(plural, name))).body as AnalysisTemplate;
}

async function readTemplate(file: string): Promise<AnalysisTemplate> {
  const documents = await readDocuments(file);
  const [first, second] = documents;
  if (first === undefined || second !== undefined)
    throw new UsageError(`${file}: holds ${documents.length} documents`, 'exactly one template');
  return first.value as unknown as AnalysisTemplate;
}
