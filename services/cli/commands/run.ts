import { collectTemplates, TemplateRefError } from '../../analysis/collect-templates.ts';
import { lintRun } from '../../analysis/lint.ts';
import { newRun } from '../../analysis/new-run.ts';
import type { ObjectMeta } from '../../domain/resource.ts';
import type { AnalysisRun, NewAnalysisRun } from '../../domain/run.ts';
import type { AnalysisTemplate, Argument, TemplateRef } from '../../domain/template.ts';
import { type CheckedDocument, checkDocuments, findingText, isTemplate } from '../check-documents.ts';
import {
  exitCodeOf,
  type Input,
  NoVerdictError,
  type Program,
  type RunCommand,
  textOption,
  UsageError,
} from '../command.ts';
import { configOf } from '../config-of.ts';
import { deadlineOf } from '../deadline.ts';
import { followRun } from '../follow-run.ts';
import { readDocuments } from '../read-documents.ts';
import { reporterOf } from '../report.ts';
import { runHere } from '../run-here.ts';
import { type Server, serverOf } from '../server.ts';
import { argumentsOf } from './create.ts';

/** Nothing is started unless the file is right: what would end in Error for certain is a usage mistake here. */
export const run: RunCommand = async (input, program) => {
  const file = input.positionals[0]!;
  const reporter = reporterOf(input);
  const wanted = await readRun(file, input, program);
  const name = wanted.metadata.name || wanted.metadata.generateName?.replace(/-$/u, '') || file;
  const deadline = deadlineOf(input, `run ${name}`);
  const states =
    textOption(input, 'server') === undefined
      ? here(wanted, input, program, deadline)
      : onServer(wanted, input, deadline);
  return exitCodeOf((await followRun(states, reporter)).status?.phase);
};

async function* here(
  wanted: AnalysisRun,
  input: Input,
  program: Program,
  deadline: AbortSignal,
): AsyncIterable<AnalysisRun> {
  const config = await configOf(input);
  const interrupted = interruption();
  const signal = AbortSignal.any([deadline, interrupted.again]);
  yield* runHere(wanted, config, program, { signal, interrupted: interrupted.once });
}

async function* onServer(wanted: AnalysisRun, input: Input, deadline: AbortSignal): AsyncIterable<AnalysisRun> {
  const server = serverOf(input, wanted.metadata.namespace);
  const created = await createOn(server, wanted);
  const { name } = created.metadata;
  const interrupted = interruption();
  const path = server.pathOf('analysisruns', name);
  const stop = { body: { spec: { terminate: true } }, contentType: 'application/merge-patch+json' };
  interrupted.once.addEventListener('abort', () => void server.request('PATCH', path, stop), { once: true });
  yield* server.follow(name, AbortSignal.any([deadline, interrupted.again]));
}

async function createOn(server: Server, wanted: AnalysisRun): Promise<AnalysisRun> {
  const { namespace: _namespace, ...metadata } = wanted.metadata;
  const { body } = await server.request('POST', server.pathOf('analysisruns'), { body: { ...wanted, metadata } });
  const created = body as AnalysisRun;
  process.stderr.write(`analysisrun.argoproj.io/${created.metadata.name} created on ${server.url}\n`);
  return created;
}

/** The first interrupt asks the run to stop, so that what is in flight ends cleanly; the second leaves. */
function interruption(): { readonly once: AbortSignal; readonly again: AbortSignal } {
  const once = new AbortController();
  const again = new AbortController();
  process.once('SIGINT', () => {
    process.stderr.write('terminating the run; interrupt again to leave at once\n');
    process.once('SIGINT', () => again.abort(new NoVerdictError('interrupted')));
    once.abort();
  });
  return { once: once.signal, again: again.signal };
}

/** The run that a file asks for, with templates expanded and arguments in. Throws UsageError with everything that is wrong. */
async function readRun(file: string, input: Input, program: Program): Promise<AnalysisRun> {
  const checked = await checkDocuments(await readDocuments(file), program);
  refuseErrors(checked);
  const documents = checked.flatMap(({ document }) => document ?? []);
  const templates = documents.filter(isTemplate);
  const args = argumentsOf(input, 'arg');
  const runs = documents.filter((document) => document.kind === 'AnalysisRun') as unknown as NewAnalysisRun[];
  const expanded =
    runs.length > 0 ? await fromRun(runs, args, templates) : await fromTemplate(file, input, args, templates);
  const fatal = lintRun(expanded).filter(({ severity }) => severity === 'error');
  if (fatal.length > 0)
    throw new UsageError(fatal.map(({ path, message }) => `${path}: ${message}`).join('\n'), argumentHint(expanded));
  return expanded;
}

function refuseErrors(checked: readonly CheckedDocument[]): void {
  const found = checked.flatMap(({ from, findings }) => findings.map((finding) => ({ from, finding })));
  const errors = found.filter(({ finding }) => finding.severity === 'error');
  // Arguments come from the command line: of a run, only the run that comes out of it tells whether one is missing.
  const isOpen = ({ finding }: (typeof found)[number]): boolean => finding.path.startsWith('spec.args[');
  const sure = errors.filter((each) => !isOpen(each));
  if (sure.length > 0) throw new UsageError(sure.map(({ from, finding }) => findingText(from, finding)).join('\n'));
  for (const { from, finding } of found)
    if (finding.severity === 'warning') process.stderr.write(`${findingText(from, finding)}\n`);
}

async function fromRun(
  runs: readonly NewAnalysisRun[],
  args: readonly Argument[],
  templates: readonly AnalysisTemplate[],
): Promise<AnalysisRun> {
  const [wanted, second] = runs;
  if (second !== undefined) throw new UsageError(`the file holds ${runs.length} runs`, 'one run a file');
  const { templates: refs = [], ...spec } = wanted!.spec;
  const metadata = chosenName(wanted!.metadata);
  refuseUndeclared(args, [...(spec.args ?? []), ...templates.flatMap((template) => template.spec.args ?? [])]);
  const given = [...(spec.args ?? []).filter(({ name }) => !args.some((arg) => arg.name === name)), ...args];
  if (refs.length === 0)
    return {
      ...wanted!,
      metadata,
      spec: { ...spec, metrics: spec.metrics ?? [], ...(given.length > 0 && { args: given }) },
    };
  const { spec: combined } = await expand(metadata, refs, templates, given, spec);
  return { ...wanted!, metadata, spec: { ...spec, ...combined } };
}

async function fromTemplate(
  file: string,
  input: Input,
  args: readonly Argument[],
  templates: readonly AnalysisTemplate[],
): Promise<AnalysisRun> {
  const template = chooseTemplate(file, textOption(input, 'template'), templates);
  const { name } = template.metadata;
  refuseUndeclared(
    args,
    templates.flatMap(({ spec }) => spec.args ?? []),
  );
  const ref = { templateName: name, clusterScope: template.kind === 'ClusterAnalysisTemplate' };
  const metadata = chosenName({
    name: '',
    generateName: `${name}-`,
    namespace: template.metadata.namespace ?? 'default',
  });
  return expand(metadata, [ref], templates, args, {});
}

/** Argo drops an argument that nobody declares; on a command line it is a slip. */
function refuseUndeclared(args: readonly Argument[], declared: readonly Argument[]): void {
  const names = declared.map(({ name }) => name);
  const slip = args.find(({ name }) => !names.includes(name));
  if (slip === undefined) return;
  throw new UsageError(`--arg: nothing declares "${slip.name}"`, `declared: ${names.join(', ') || 'none'}`);
}

function chooseTemplate(
  file: string,
  name: string | undefined,
  templates: readonly AnalysisTemplate[],
): AnalysisTemplate {
  if (templates.length === 0) throw new UsageError(`${file}: holds no template and no run`);
  const names = templates.map(({ metadata }) => metadata.name).join(', ');
  if (name === undefined) {
    if (templates.length > 1)
      throw new UsageError(`${file}: holds several templates`, `choose one with --template: ${names}`);
    return templates[0]!;
  }
  const chosen = templates.find(({ metadata }) => metadata.name === name);
  if (chosen === undefined) throw new UsageError(`${file}: holds no template "${name}"`, `one of ${names}`);
  return chosen;
}

async function expand(
  metadata: ObjectMeta,
  refs: readonly TemplateRef[],
  templates: readonly AnalysisTemplate[],
  args: readonly Argument[],
  own: Partial<Pick<AnalysisRun['spec'], 'dryRun' | 'measurementRetention'>>,
): Promise<AnalysisRun> {
  const { dryRun = [], measurementRetention = [] } = own;
  try {
    const collected = await collectTemplates(refs, ({ templateName, clusterScope }) =>
      templates.find(
        ({ kind, metadata: { name } }) =>
          name === templateName && (kind === 'ClusterAnalysisTemplate') === clusterScope,
      ),
    );
    return newRun({ metadata, ...collected, args, dryRun, measurementRetention });
  } catch (error) {
    const fix =
      error instanceof TemplateRefError ? 'put it into the same file' : 'give arguments with --arg NAME=VALUE';
    throw new UsageError((error as Error).message, fix);
  }
}

/** Only what the file says: what a server would add comes again when the run is created. */
function chosenName({ name = '', generateName, namespace = 'default', labels, annotations }: ObjectMeta): ObjectMeta {
  return {
    name,
    namespace,
    ...(generateName !== undefined && { generateName }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

function argumentHint({ spec }: AnalysisRun): string | undefined {
  const open = (spec.args ?? []).filter(({ value, valueFrom }) => value === undefined && valueFrom === undefined);
  return open.length === 0 ? undefined : open.map(({ name }) => `--arg ${name}=…`).join(' ');
}
