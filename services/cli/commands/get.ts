import { EXIT, type RunCommand, textOption, UsageError } from '../command.ts';
import { serverOf } from '../server.ts';

const KINDS: Readonly<Record<string, string>> = {
  ar: 'analysisruns',
  analysisrun: 'analysisruns',
  analysisruns: 'analysisruns',
  at: 'analysistemplates',
  analysistemplate: 'analysistemplates',
  analysistemplates: 'analysistemplates',
  cat: 'clusteranalysistemplates',
  clusteranalysistemplate: 'clusteranalysistemplates',
  clusteranalysistemplates: 'clusteranalysistemplates',
};
const FORMATS = ['table', 'name', 'json', 'yaml'];

export const run: RunCommand = async (input) => {
  const [kind = 'analysisruns', name] = input.positionals;
  const plural = KINDS[kind.toLowerCase()];
  if (plural === undefined)
    throw new UsageError(
      `no kind "${kind}"`,
      'analysisruns (ar), analysistemplates (at) or clusteranalysistemplates (cat)',
    );
  const format = textOption(input, 'output') ?? 'table';
  if (!FORMATS.includes(format)) throw new UsageError(`--output: "${format}" is no format`, FORMATS.join(', '));
  const server = serverOf(input);
  const everywhere = input.values['all-namespaces'] === true;
  const path = everywhere ? `/apis/argoproj.io/v1alpha1/${plural}` : server.pathOf(plural, name);
  const selector = textOption(input, 'selector');
  const query = selector === undefined ? '' : `?${new URLSearchParams({ labelSelector: selector })}`;
  const accept = format === 'table' ? 'application/json;as=Table;v=v1;g=meta.k8s.io' : 'application/json';
  const { body } = await server.request('GET', path + query, { accept });
  process.stdout.write(await show(body, format, everywhere, plural));
  return EXIT.Successful;
};

async function show(body: unknown, format: string, everywhere: boolean, plural: string): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(body, null, 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return stringify(body);
    }
    case 'name': {
      const { items = [body] } = body as { items?: unknown[] };
      return (items as { metadata: { name: string } }[])
        .map(({ metadata }) => `${plural.slice(0, -1)}.argoproj.io/${metadata.name}\n`)
        .join('');
    }
    default:
      return tableText(body as Table, everywhere);
  }
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority?: number }[];
  readonly rows?: readonly {
    readonly cells: readonly unknown[];
    readonly object?: { readonly metadata?: { readonly namespace?: string } };
  }[];
}

function tableText({ columnDefinitions, rows = [] }: Table, everywhere: boolean): string {
  if (rows.length === 0) return 'No resources found.\n';
  const shown = columnDefinitions.flatMap(({ priority = 0 }, index) => (priority === 0 ? [index] : []));
  const head = shown.map((index) => columnDefinitions[index]!.name.toUpperCase());
  const lines = rows.map(({ cells, object }) => [
    ...(everywhere ? [object?.metadata?.namespace ?? ''] : []),
    ...shown.map((index) => String(cells[index] ?? '')),
  ]);
  const all = [everywhere ? ['NAMESPACE', ...head] : head, ...lines];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  return all
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
