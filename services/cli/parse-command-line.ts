import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, type Input, type Option, UsageError } from './command.ts';

export interface CommandLine {
  readonly command: Command;
  readonly input: Input;
}

/** Reads what follows `assay`. Throws UsageError with the fix. */
export async function parseCommandLine(words: readonly string[], commands: readonly Command[]): Promise<CommandLine> {
  const [first = 'help', ...rest] = words;
  if (first === '-h' || first === '--help')
    return { command: findCommand(commands, 'help'), input: { positionals: rest, values: {} } };
  if (first === '--version')
    return { command: findCommand(commands, 'version'), input: { positionals: [], values: {} } };
  const command = findCommand(commands, first);
  const options = await optionsOf(command);
  const input = readInput(command, options, rest);
  if (input.values['help'] === true)
    return { command: findCommand(commands, 'help'), input: { positionals: [first], values: {} } };
  checkPositionals(command, input.positionals);
  return { command, input };
}

/** The options of a command, the settings it takes among them. */
export async function optionsOf(command: Command): Promise<Readonly<Record<string, Option>>> {
  const help: Option = { type: 'boolean', short: 'h', help: 'show the options' };
  if (command.takesSettings === undefined) return { ...command.options, help };
  const { SETTINGS } = await import('../config/read-config.ts');
  const settings = SETTINGS.map(({ flag, schema, variable }): [string, Option] => {
    const { description = '', default: preset } = schema as { description?: string; default?: unknown };
    const shown = preset === undefined ? '' : ` Default ${[preset].flat().join(',') || 'none'}.`;
    const help = `${description}${shown} (${variable})`;
    if ((schema as { type?: string }).type === 'boolean') return [flag, { type: 'boolean', help }];
    return [flag, { type: 'string', multiple: true, value: 'VALUE', help }];
  });
  const config: Option = { type: 'string', value: 'FILE', help: 'YAML file with settings (ASSAY_CONFIG)' };
  return { ...command.options, config, ...Object.fromEntries(settings), help };
}

/** Throws UsageError. */
export function findCommand(commands: readonly Command[], name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  throw new UsageError(`no command "${name}"`, `one of ${commands.map((known) => known.name).join(', ')}`);
}

function readInput(command: Command, options: Readonly<Record<string, Option>>, words: readonly string[]): Input {
  const known = Object.entries(options).map(([name, { type, short, multiple }]) => [
    name,
    { type, ...(short && { short }), ...(multiple && { multiple }) },
  ]);
  // A negative number is a value (`assay eval CONDITION -1`), no option.
  const isNumber = (word: string): boolean => /^-(\.?\d|Inf)/u.test(word);
  const config: ParseArgsConfig = {
    args: [...words.filter((word) => !isNumber(word)), '--', ...words.filter(isNumber)],
    options: Object.fromEntries(known) as NonNullable<ParseArgsConfig['options']>,
    allowPositionals: true,
    strict: true,
  };
  try {
    const { positionals, values } = parseArgs(config);
    return { positionals, values };
  } catch (error) {
    // Node's text goes on with advice on "--", which helps nobody here.
    const [message] = (error as Error).message.split(/\. To specify|\. Did you/u);
    throw new UsageError(message!, `"assay help ${command.name}" lists the options`);
  }
}

/** `FILE` stands for one, `[NAME]` for one or none, `FILE…` for one or more. */
function checkPositionals({ name, parameters }: Command, given: readonly string[]): void {
  const wanted = parameters.split(' ').filter((word) => word !== '');
  const least = wanted.filter((word) => !word.startsWith('[')).length;
  const most = wanted.some((word) => word.endsWith('…')) ? Number.POSITIVE_INFINITY : wanted.length;
  const usage = `assay ${name} ${parameters}`.trim();
  if (given.length < least) throw new UsageError(`${wanted[given.length]} is missing`, usage);
  if (given.length > most) throw new UsageError(`"${given[most]}" is one word too many`, usage);
}
