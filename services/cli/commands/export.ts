import { createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config/read-config.ts';
import { EXIT, type RunCommand, UsageError } from '../command.ts';
import { configOf } from '../config-of.ts';
import { countsText } from '../transfer/format.ts';
import { withStorage } from '../transfer/with-storage.ts';
import { type Exported, exportLines } from '../transfer/write-export.ts';

export const run: RunCommand = async (input, program) => {
  const config = await configOf(input);
  const file = input.positionals[0] ?? '-';
  checkThere(config);
  let exported: Exported | undefined;
  await withStorage(program, config, async ({ store }) => {
    const lines = Readable.from(
      exportLines(store, (result) => {
        exported = result;
      }),
    );
    if (file === '-') await pipeline(lines, process.stdout, { end: false });
    else await writeWhole(lines, file);
  });
  const { counts, isOneMoment } = exported!;
  process.stderr.write(`exported ${countsText(counts)}\n`);
  if (!isOneMoment)
    process.stderr.write(
      'warning: something was written meanwhile: documents show different moments\n  fix: stop what works on it, and export again\n',
    );
  return EXIT.Successful;
};

/** Opening a folder makes a database in it. */
function checkThere({ redis, data }: Config): void {
  if (redis === undefined && !existsSync(join(data, 'assay.db')))
    throw new UsageError(`no assay.db in ${data}`, 'the folder of a server with --data, or a Redis with --redis');
}

/** The file has its name once all of it is on the disk. */
async function writeWhole(lines: Readable, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(lines, createWriteStream(part, { flush: true }));
    await rename(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError((error as Error).message, 'a file that this user may write');
  }
}
