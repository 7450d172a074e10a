import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { EXIT, type RunCommand, UsageError } from '../command.ts';
import { configOf } from '../config-of.ts';
import { countsText } from '../transfer/format.ts';
import { importLines } from '../transfer/read-export.ts';
import { withStorage } from '../transfer/with-storage.ts';

export const run: RunCommand = async (input, program) => {
  const config = await configOf(input);
  const overwrite = input.values['overwrite'] === true;
  const file = input.positionals[0] ?? '-';
  await withStorage(program, config, async (storage) => {
    const text: Readable = file === '-' ? process.stdin : createReadStream(file);
    const { stored, present } = await importLines(storage.store, linesOf(text), { overwrite });
    process.stdout.write(`stored ${countsText(stored)}; ${countsText(present)} there already\n`);
    // An embedded queue is filled when the server starts.
    if (!storage.isShared) return;
    const { scheduleAllRuns } = await import('../../engine/schedule-run.ts');
    process.stdout.write(`scheduled ${await scheduleAllRuns(storage)} runs\n`);
  });
  return EXIT.Successful;
};

/** A line may be as long as a list of samples; one that has no end yet is not searched again with each chunk. */
async function* linesOf(text: Readable): AsyncGenerator<string> {
  let begun: string[] = [];
  try {
    for await (const chunk of text.setEncoding('utf8')) {
      const [first = '', ...others] = (chunk as string).split('\n');
      begun.push(first);
      for (const next of others) {
        yield begun.join('');
        begun = [next];
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError((error as Error).message, 'a file that "assay export" wrote');
  }
  const last = begun.join('');
  if (last !== '') yield last;
}
