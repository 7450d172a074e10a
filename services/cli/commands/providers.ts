import { EXIT, type RunCommand, textOption, UsageError } from '../command.ts';
import { configOf } from '../config-of.ts';

/** Without words: each source of metrics with its accounts. `test NAME`: asks one, and exits 1 when it cannot be used. */
export const run: RunCommand = async (input, program) => {
  const [action, name] = input.positionals;
  const config = await configOf(input);
  const sources = await program.listSources(config);
  if (action === undefined || (action === 'list' && name === undefined)) {
    const width = Math.max(...sources.map(({ provider }) => provider.length));
    for (const { provider, accounts } of sources)
      process.stdout.write(`${`${provider.padEnd(width)}  ${accounts.join(', ')}`.trimEnd()}\n`);
    return EXIT.Successful;
  }
  if (action !== 'test' || name === undefined)
    throw new UsageError(
      `"providers ${[action, name].join(' ').trim()}" is nothing`,
      'providers, or providers test NAME',
    );
  const trial = await program.trySource(config, name, textOption(input, 'namespace') ?? 'default');
  if (trial === undefined) {
    const names = sources.flatMap(({ provider, accounts }) =>
      provider === 'plugin' ? accounts : [provider, ...accounts],
    );
    throw new UsageError(`no provider, account or plugin "${name}"`, `one of ${names.join(', ')}`);
  }
  const { ok, message, advice } = trial;
  process.stdout.write(
    `${name}: ${ok ? 'ok' : 'failed'}: ${message}\n${advice === undefined ? '' : `  fix: ${advice}\n`}`,
  );
  return ok ? EXIT.Successful : EXIT.Failed;
};
