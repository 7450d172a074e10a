import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Refusal, Target } from './document.ts';
import { databaseProblem } from './sqlite-problem.ts';

/** The synchronous side of the SQLite store, used inside its thread: one file, written by one connection. */

export type Write =
  | {
      readonly do: 'create' | 'replace';
      readonly target: Target;
      readonly text: string;
      readonly wantsPrevious: boolean;
    }
  | { readonly do: 'remove'; readonly target: Target }
  /** Writes something that changes nothing, to see that writing works. */
  | { readonly do: 'probe' };

export type Written =
  | { readonly is: 'written'; readonly revision: number; readonly previous?: Row }
  | { readonly is: 'refused'; readonly refusal: Refusal };

export type Read =
  | { readonly do: 'get'; readonly target: Target }
  | ({ readonly do: 'rows'; readonly limit: number } & Stretch)
  | ({ readonly do: 'count' } & Stretch);

/** What stands after `[namespace, name]`, of one namespace or (undefined) of all. */
interface Stretch {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly after: readonly [namespace: string, name: string];
}

export type Row = readonly [namespace: string, name: string, revision: number, text: string];
/** `count` is only of interest to a count; rows to the others. */
export interface Found {
  readonly rows: readonly Row[];
  readonly count: number;
}

// "Asay". Tells an Assay database from other SQLite files.
const APPLICATION_ID = 0x41736179;
/** Version of the tables below. Whoever changes them raises it and adds the step from the version before. */
const SCHEMA_VERSION = 1;
const TABLES = `
  CREATE TABLE documents (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    revision INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (kind, namespace, name)
  ) STRICT;
  CREATE TABLE counter (revision INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (1);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

// A process that takes over from one being killed finds the file locked for a moment.
const PATIENCE_FOR_LOCK_MS = 2_000;

export class SqliteDatabase {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #count: StatementSync;
  #revision: number;

  /** Opens `folder/assay.db`, and makes it when there is none. Throws an Error that says what to do. */
  constructor(folder: string) {
    this.#file = join(folder, 'assay.db');
    try {
      this.#database = openFile(folder, this.#file);
      this.#revision = this.#storedRevision();
      const where = 'kind = ? AND namespace = ? AND name = ?';
      this.#get = this.#rows(`SELECT namespace, name, revision, document FROM documents WHERE ${where}`);
      this.#put = this.#database.prepare(
        `INSERT INTO documents VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET revision = excluded.revision, document = excluded.document`,
      );
      this.#remove = this.#database.prepare(`DELETE FROM documents WHERE ${where}`);
      this.#count = this.#database.prepare('UPDATE counter SET revision = ?');
    } catch (error) {
      throw databaseProblem(error, this.#file);
    }
  }

  get revision(): number {
    return this.#revision;
  }

  /** All of them in one transaction, on the disk when this returns. A throw means that none of them happened. */
  write(writes: readonly Write[]): readonly Written[] {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      let revision = this.#revision;
      const written = writes.map((write): Written => {
        const result = this.#writeOne(write, revision + 1);
        if (result.is === 'written') revision = result.revision;
        return result;
      });
      this.#count.run(revision);
      this.#database.exec('COMMIT');
      this.#revision = revision;
      return written;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw databaseProblem(error, this.#file);
    }
  }

  #writeOne(write: Write, next: number): Written {
    if (write.do === 'probe') {
      // Unlike an UPDATE to the same value, which SQLite leaves out, this does write a page.
      this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      return { is: 'written', revision: next - 1 };
    }
    const { kind, namespace, name, expected } = write.target;
    const present = this.#get.get(kind, namespace, name) as Row | undefined;
    if (write.do === 'create') {
      if (present !== undefined) return { is: 'refused', refusal: 'already-exists' };
    } else if (present === undefined) return { is: 'refused', refusal: 'not-found' };
    else if (expected !== undefined && expected !== String(present[2])) return { is: 'refused', refusal: 'conflict' };

    if (write.do === 'remove') this.#remove.run(kind, namespace, name);
    else this.#put.run(kind, namespace, name, next, write.text);
    const wantsPrevious = write.do === 'remove' || write.wantsPrevious;
    return { is: 'written', revision: next, ...(wantsPrevious && present !== undefined ? { previous: present } : {}) };
  }

  read(read: Read): Found {
    try {
      return this.#find(read);
    } catch (error) {
      throw databaseProblem(error, this.#file);
    }
  }

  #find(read: Read): Found {
    if (read.do === 'get') {
      const { kind, namespace, name } = read.target;
      return { rows: this.#get.all(kind, namespace, name) as unknown as Row[], count: 0 };
    }
    const [inNamespace, values] =
      read.namespace === undefined
        ? ['(namespace, name) > (?, ?)', read.after]
        : ['namespace = ? AND (namespace, name) > (?, ?)', [read.namespace, ...read.after]];
    const where = `FROM documents WHERE kind = ? AND ${inNamespace}`;
    if (read.do === 'count') {
      const counted = this.#rows(`SELECT count(*) ${where}`).get(read.kind, ...values) as unknown as [number];
      return { rows: [], count: counted[0] };
    }
    const rows = this.#rows(`SELECT namespace, name, revision, document ${where} ORDER BY namespace, name LIMIT ?`);
    return { rows: rows.all(read.kind, ...values, read.limit) as unknown as Row[], count: 0 };
  }

  close(): void {
    this.#database.close();
  }

  #storedRevision(): number {
    return (this.#rows('SELECT revision FROM counter').get() as unknown as [number])[0];
  }

  #rows(sql: string): StatementSync {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }
}

function openFile(folder: string, file: string): DatabaseSync {
  makeFolder(folder);
  const database = new DatabaseSync(file, { timeout: PATIENCE_FOR_LOCK_MS });
  try {
    // EXCLUSIVE before WAL: one process owns the file for as long as it is open, and no shared-memory file is needed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    // FULL: each commit waits until the disk has it. NORMAL would lose acknowledged writes with the machine.
    database.exec('PRAGMA synchronous = FULL');
    prepareTables(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareTables(database: DatabaseSync, file: string): void {
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (isEmpty) {
    database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
    return;
  }
  const numberOf = (pragma: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  if (numberOf('application_id') !== APPLICATION_ID)
    throw new Error(`${file} is a database of another program: choose another data folder`);
  const version = numberOf('user_version');
  if (version !== SCHEMA_VERSION)
    throw new Error(
      `${file} has schema version ${version}, this Assay knows ${SCHEMA_VERSION}: use the Assay that wrote it or a newer one, or choose another data folder`,
    );
}

/** SQLite sees to it that the entry of its file in the folder survives a power cut; the folder's own entry is left to us. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) {
    const parent = openSync(dirname(made), 'r');
    fsyncSync(parent);
    closeSync(parent);
  }
}
