import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../engine/ports.ts';
import { sqliteStore } from '../../store/sqlite.ts';
import { EXIT, type Input, NoVerdictError, type RunCommand, textOption, UsageError } from '../command.ts';
import { collectReport } from '../report-page/collect-report.ts';
import { renderReport } from '../report-page/render-report.ts';
import { type ReportSource, serverSource, storeSource } from '../report-page/report-source.ts';
import { serverOf } from '../server.ts';

/** Exits 0 when the report is written, whatever the verdict in it. */
export const run: RunCommand = async (input) => {
  const name = input.positionals[0]!;
  const report = await withSource(input, (source) => collectReport(source, name));
  if (report === undefined) throw new NoVerdictError(`no run, canary execution or analysis "${name}"`);
  const page = renderReport(report);
  const file = textOption(input, 'out') ?? `${name}.html`;
  if (file === '-') process.stdout.write(page);
  else {
    await writeFile(file, page).catch((error: Error) => {
      throw new UsageError(`--out: ${error.message}`);
    });
    process.stdout.write(`${file}\n`);
  }
  return EXIT.Successful;
};

async function withSource<T>(input: Input, read: (source: ReportSource) => Promise<T>): Promise<T> {
  const folder = textOption(input, 'data');
  if (folder === undefined) return read(serverSource(serverOf(input)));
  if (!existsSync(join(folder, 'assay.db')))
    throw new UsageError(`--data: no assay.db in ${folder}`, 'the folder of a server');
  const store = await sqliteStore(folder).catch((error: unknown) => {
    throw error instanceof StoreError ? new NoVerdictError(error.message) : error;
  });
  try {
    return await read(storeSource(store, textOption(input, 'namespace') ?? 'default'));
  } finally {
    await store.close();
  }
}
