import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Found, type Read, SqliteDatabase, type Write, type Written } from './sqlite-database.ts';

/** The thread that owns the database. It answers every batch with one message, in the order of the batches. */

/** The writes become one transaction; the reads see its outcome. */
export interface Batch {
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
}

export type Outcome<Success> = Success | { readonly is: 'failed'; readonly message: string };

/** In the order of the batch. */
export interface Answers {
  readonly writes: readonly Outcome<Written>[];
  readonly reads: readonly Outcome<Found>[];
}

/** The first message, before any batch: the store's revision, or why the database cannot be opened. */
export type Opening = { readonly revision: number } | { readonly problem: string };

function serve(port: MessagePort, folder: string): void {
  let database: SqliteDatabase;
  try {
    database = new SqliteDatabase(folder);
  } catch (error) {
    port.postMessage({ problem: (error as Error).message } satisfies Opening);
    return;
  }
  port.on('message', (message: Batch | 'close') => {
    if (message !== 'close') return port.postMessage(answer(database, message));
    database.close();
    port.close();
  });
  port.postMessage({ revision: database.revision } satisfies Opening);
}

function answer(database: SqliteDatabase, { writes, reads }: Batch): Answers {
  const written = writes.length === 0 ? [] : tried(() => database.write(writes));
  return {
    writes: 'is' in written ? writes.map(() => written) : written,
    reads: reads.map((read) => tried(() => database.read(read))),
  };
}

function tried<Success>(action: () => Success): Outcome<Success> {
  try {
    return action();
  } catch (error) {
    return { is: 'failed', message: (error as Error).message };
  }
}

if (parentPort !== null) serve(parentPort, workerData as string);
