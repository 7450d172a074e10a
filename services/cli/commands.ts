import type { Command, Option } from './command.ts';

const SERVER: Record<string, Option> = {
  server: {
    type: 'string',
    value: 'URL',
    help: 'Assay server; default ASSAY_SERVER, else http://127.0.0.1:8090',
  },
  namespace: { type: 'string', short: 'n', value: 'NAME', help: 'namespace; default "default"' },
};
const OUTPUT: Record<string, Option> = {
  output: { type: 'string', short: 'o', value: 'FORMAT', help: 'text (default) or json, one object a line' },
};
const ARGUMENTS: Record<string, Option> = {
  arg: {
    type: 'string',
    short: 'a',
    multiple: true,
    value: 'NAME=VALUE',
    help: 'argument of the template; repeatable',
  },
};
const TIMEOUT: Record<string, Option> = {
  timeout: { type: 'string', value: 'DURATION', help: 'give up after this long: 90s, 10m' },
};

/** Every command, said once: the parser, the help and the README's table are made from here. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    parameters: '',
    summary: 'Serve the API and run analyses',
    options: {},
    takesSettings: true,
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'api',
    parameters: '',
    summary: 'Serve the API alone, on a Redis that workers share',
    options: {},
    takesSettings: true,
    load: () => import('./commands/api.ts'),
  },
  {
    name: 'worker',
    parameters: '',
    summary: 'Run analyses alone, from a Redis that others share',
    options: {},
    takesSettings: true,
    load: () => import('./commands/worker.ts'),
  },
  {
    name: 'run',
    parameters: 'FILE',
    summary: 'Run a template or run file to its verdict, here or on a server',
    options: {
      ...ARGUMENTS,
      template: { type: 'string', value: 'NAME', help: 'which template, when the file has several' },
      ...SERVER,
      ...OUTPUT,
      ...TIMEOUT,
    },
    takesSettings: true,
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'lint',
    parameters: 'FILE…',
    summary: 'Check templates, runs, Rollouts and canary configs: what is refused, what ends in Error, what surprises',
    options: { ...OUTPUT },
    load: () => import('./commands/lint.ts'),
  },
  {
    name: 'judge',
    parameters: 'FILE',
    summary: 'Compare a canary with its baseline: a canary config and samples, or two queries',
    options: {
      samples: {
        type: 'string',
        short: 's',
        value: 'FILE',
        help: 'samples for a canary config: a metricSetPairList (JSON), or CSV with the columns metric, baseline, canary',
      },
      pass: { type: 'string', value: 'SCORE', help: 'scores from here on are Pass; default 95' },
      marginal: { type: 'string', value: 'SCORE', help: 'scores from here on, below pass, are Marginal; default 75' },
      at: {
        type: 'string',
        value: 'TIME',
        help: 'when the window of queries ends, such as 2026-01-01T12:00:00Z; default now',
      },
      output: {
        type: 'string',
        short: 'o',
        value: 'FORMAT',
        help: 'text or json; default text on a terminal, else json',
      },
      namespace: {
        type: 'string',
        short: 'n',
        value: 'NAME',
        help: 'namespace of the Secrets that queries name; default "default"',
      },
    },
    takesSettings: true,
    load: () => import('./commands/judge.ts'),
  },
  {
    name: 'eval',
    parameters: 'CONDITION [VALUE]',
    summary: 'Evaluate a condition against a value (JSON, from standard input without VALUE)',
    options: {
      type: {
        type: 'string',
        value: 'TYPE',
        help: 'Go type of the value: []float64 (Prometheus), float64, string; default: as JSON',
      },
    },
    load: () => import('./commands/eval.ts'),
  },
  {
    name: 'create',
    parameters: '',
    summary: 'Start a run on a server from a template there or in a file',
    options: {
      from: { type: 'string', value: 'TEMPLATE', help: 'template on the server' },
      'from-file': { type: 'string', value: 'FILE', help: 'template in a file' },
      global: { type: 'boolean', help: '--from names a ClusterAnalysisTemplate' },
      argument: { ...ARGUMENTS['arg']!, short: 'a' },
      name: {
        type: 'string',
        value: 'NAME',
        help: "name of the run; default: the template's name and a random ending",
      },
      'generate-name': { type: 'string', value: 'PREFIX', help: 'beginning of a generated name' },
      'instance-id': { type: 'string', value: 'ID', help: 'label for one of several controllers' },
      ...SERVER,
    },
    load: () => import('./commands/create.ts'),
  },
  {
    name: 'get',
    parameters: '[KIND] [NAME]',
    summary: 'List runs or templates, or show one',
    options: {
      output: { type: 'string', short: 'o', value: 'FORMAT', help: 'table (default), name, json or yaml' },
      selector: { type: 'string', short: 'l', value: 'LABELS', help: 'only objects with these labels: team=shop' },
      'all-namespaces': { type: 'boolean', short: 'A', help: 'in all namespaces' },
      ...SERVER,
    },
    load: () => import('./commands/get.ts'),
  },
  {
    name: 'status',
    parameters: 'NAME',
    summary: 'Show how a run stands, with the evidence; exits by its verdict',
    options: { ...SERVER, ...OUTPUT },
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'report',
    parameters: 'NAME',
    summary: 'Write one HTML file that shows a run with its evidence: scores, samples, reasons',
    options: {
      ...SERVER,
      data: {
        type: 'string',
        value: 'FOLDER',
        help: 'read the data folder of a server that is stopped, instead of asking one',
      },
      out: { type: 'string', value: 'FILE', help: 'where to write; default NAME.html, - for standard output' },
    },
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'watch',
    parameters: 'NAME',
    summary: 'Follow a run, measurement by measurement, to its verdict',
    options: { ...SERVER, ...OUTPUT, ...TIMEOUT },
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'wait',
    parameters: 'NAME',
    summary: 'Wait for the verdict of a run, quietly',
    options: { ...SERVER, ...TIMEOUT },
    load: () => import('./commands/wait.ts'),
  },
  {
    name: 'terminate',
    parameters: 'NAME…',
    summary: 'Ask runs to stop',
    options: { ...SERVER },
    load: () => import('./commands/terminate.ts'),
  },
  {
    name: 'retry',
    parameters: 'NAME',
    summary: 'Start a new run NAME.1 from the same spec; the old verdict stays',
    options: { ...SERVER },
    load: () => import('./commands/retry.ts'),
  },
  {
    name: 'catalog',
    parameters: 'ACTION [NAME]',
    summary: 'Ready templates for meshes and ingresses: list them, or show one',
    options: {},
    load: () => import('./commands/catalog.ts'),
  },
  {
    name: 'providers',
    parameters: '[ACTION] [NAME]',
    summary: 'List the sources of metrics and the configured accounts; "providers test NAME" tries one',
    options: {
      namespace: { type: 'string', short: 'n', value: 'NAME', help: 'namespace of the trial; default "default"' },
    },
    takesSettings: true,
    load: () => import('./commands/providers.ts'),
  },
  {
    name: 'export',
    parameters: '[FILE]',
    summary: 'Write everything that is stored, from SQLite or Redis, as JSON lines',
    options: {},
    takesSettings: true,
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'import',
    parameters: '[FILE]',
    summary: 'Store what "export" wrote, in SQLite or Redis; again after a break goes on where it was',
    options: { overwrite: { type: 'boolean', help: 'replace documents that are there and say something else' } },
    takesSettings: true,
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'config',
    parameters: '',
    summary: 'Print the settings in force, without secrets',
    options: {},
    takesSettings: true,
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'version',
    parameters: '',
    summary: 'Print the version',
    options: {},
    load: () => import('./commands/version.ts'),
  },
  {
    name: 'help',
    parameters: '[COMMAND]',
    summary: 'Show this text, or the options of a command',
    options: {},
    load: () => import('./commands/help.ts'),
  },
];
