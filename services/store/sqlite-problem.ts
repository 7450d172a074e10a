import { dirname } from 'node:path';

// Primary result codes of https://sqlite.org/rescode.html; extended codes carry more in the higher bits.
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What is wrong with the database file, and what its owner can do about it. Errors that are no SQLite or file system errors come back as they are. */
export function databaseProblem(error: unknown, file: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const text = advice(error, file);
  return text === undefined ? error : new Error(text, { cause: error });
}

function advice(
  error: Error & { readonly code?: string; readonly errcode?: number },
  file: string,
): string | undefined {
  const folder = dirname(file);
  if (error.code !== 'ERR_SQLITE_ERROR') {
    if (error.code === undefined) return undefined;
    return `cannot use the data folder ${folder} (${error.code}): make it a folder that this user may write, or choose another`;
  }
  switch ((error.errcode ?? 0) & 0xff) {
    case BUSY:
      return `${file} is in use by another process: stop that one, or choose another data folder`;
    case READONLY:
    case CANTOPEN:
      return `cannot write ${file} (${error.message}): give this user the right to write the file and its folder, or choose another data folder`;
    case CORRUPT:
    case NOTADB:
      return `${file} is damaged or no database (${error.message}): restore it from a backup, or move it away to start empty`;
    case FULL:
      return `the disk that holds ${folder} is full: free some space, writing goes on by itself then`;
    case IOERR:
      return `the disk that holds ${folder} fails (${error.message}): check it and its space, writing goes on by itself once it works`;
    default:
      return `${file}: ${error.message}`;
  }
}
