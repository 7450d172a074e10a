import { readdir, readFile } from 'node:fs/promises';
import { EXIT, type RunCommand, UsageError } from '../command.ts';

const CATALOG = new URL('../../../providers/catalog/', import.meta.url);

/** `list`: a line a template, `show NAME`: the template as it stands, ready for `kubectl apply` or `assay run`. */
export const run: RunCommand = async ({ positionals: [action, name] }) => {
  if (action === 'list' && name === undefined) process.stdout.write(await listText());
  else if (action === 'show' && name !== undefined) process.stdout.write(await templateText(name));
  else
    throw new UsageError(
      `"catalog ${[action, name].join(' ').trim()}" is nothing`,
      'catalog list, or catalog show NAME',
    );
  return EXIT.Successful;
};

async function listText(): Promise<string> {
  const names = await templateNames();
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map(async (name) => `${name.padEnd(width)}  ${summaryOf(await templateText(name))}\n`);
  return (await Promise.all(lines)).join('');
}

async function templateNames(): Promise<readonly string[]> {
  const files = await readdir(CATALOG);
  return files.flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : [])).toSorted();
}

async function templateText(name: string): Promise<string> {
  const names = await templateNames();
  if (!names.includes(name)) throw new UsageError(`no template "${name}" in the catalog`, `one of ${names.join(', ')}`);
  return readFile(new URL(`${name}.yaml`, CATALOG), 'utf8');
}

/** A template's first line is a comment that says what it measures. */
function summaryOf(text: string): string {
  return text.split('\n', 1)[0]!.replace(/^# /u, '');
}
