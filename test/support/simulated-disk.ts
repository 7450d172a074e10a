import { dirname } from 'node:path';

/** What a process did to files, in order, as strace saw it; `print` is a write to its standard output. */
export type DiskEvent =
  | { readonly call: 'make' | 'makeFolder' | 'remove' | 'sync'; readonly path: string }
  | { readonly call: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly call: 'truncate'; readonly path: string; readonly size: number }
  | { readonly call: 'print'; readonly text: string };

/** Arguments for strace that give what `readTrace` reads: every byte in hexadecimal, paths for file descriptors. */
export const TRACE_ARGS = [
  ...['-f', '-y', '-xx', '-s', String(64 * 1024 * 1024)],
  ...[
    '-e',
    'trace=openat,mkdir,write,pwrite64,ftruncate,unlink,rename,fsync,fdatasync,pwritev,pwritev2,sync_file_range',
  ],
];

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex');
const textOf = (hex: string): string => bytesOf(hex).toString();

/** The events below a folder, and what was printed. Calls that failed did nothing. Throws on a call that the simulation does not know. */
export function readTrace(trace: string, folder: string): DiskEvent[] {
  const unfinished = new Map<string, string>();
  const events: DiskEvent[] = [];
  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    if (begun) {
      unfinished.set(thread, begun[1]!);
      continue;
    }
    // A call counts when it ends: a sync that is under way has promised nothing.
    const ended = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const event = eventOf(ended ? `${unfinished.get(thread)}${ended[1]}` : rest, folder);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function eventOf(line: string, folder: string): DiskEvent | undefined {
  const [, call, args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
  if (call === undefined || result.startsWith('-')) return undefined;
  const [, descriptor, onPath] = /^(\d+)<([^>]*)>/.exec(args) ?? [];
  if (call === 'write' && descriptor === '1') return { call: 'print', text: textOf(/"([^"]*)"/.exec(args)![1]!) };
  const path = textOf(onPath ?? /"([^"]*)"/.exec(args)?.[1] ?? '');
  if (path !== folder && !path.startsWith(`${folder}/`)) return undefined;
  switch (call) {
    case 'openat':
      if (args.includes('O_TRUNC'))
        throw new Error(`a file that is emptied while it is opened is not simulated: ${path}`);
      return args.includes('O_CREAT') ? { call: 'make', path } : undefined;
    case 'mkdir':
      return { call: 'makeFolder', path };
    case 'pwrite64': {
      const [, data, offset] = /, "([^"]*)", \d+, (\d+)$/.exec(args)!;
      return { call: 'write', path, offset: Number(offset), data: bytesOf(data!).subarray(0, Number(result)) };
    }
    case 'ftruncate':
      return { call: 'truncate', path, size: Number(/, (\d+)$/.exec(args)![1]) };
    case 'unlink':
      return { call: 'remove', path };
    case 'fsync':
    case 'fdatasync':
      return { call: 'sync', path };
    default:
      throw new Error(`${call} is not simulated: ${path}`);
  }
}

type FileChange = Extract<DiskEvent, { call: 'write' | 'truncate' }>;

interface SimulatedFile {
  readonly synced: Buffer;
  /** What was done since the last sync. */
  readonly unsynced: FileChange[];
}

/**
 * A disk that may lose power at any moment. What was synced is there afterwards; of what was not, each change may be there or not, whatever came
 * before or after it. A name is there, or gone, for certain once its folder was synced (POSIX promises no more).
 */
export class SimulatedDisk {
  readonly #root: string;
  readonly #files = new Map<string, SimulatedFile>();
  /** Removed files whose folder has not been synced since. */
  readonly #removed = new Map<string, SimulatedFile>();
  readonly #folders: Set<string>;
  /** Names as the last sync of their folder has them. */
  readonly #syncedNames = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    this.#folders = new Set([root]);
  }

  apply(event: Exclude<DiskEvent, { call: 'print' }>): void {
    const { path } = event;
    switch (event.call) {
      case 'make':
        if (!this.#files.has(path)) this.#files.set(path, { synced: Buffer.alloc(0), unsynced: [] });
        return;
      case 'makeFolder':
        this.#folders.add(path);
        return;
      case 'remove':
        if (this.#syncedNames.delete(path)) this.#removed.set(path, this.#file(path));
        this.#files.delete(path);
        return;
      case 'sync':
        if (this.#folders.has(path)) this.#syncNames(path);
        else this.#files.set(path, { synced: contentOf(this.#file(path), () => true), unsynced: [] });
        return;
      case 'write':
      case 'truncate':
        this.#file(path).unsynced.push(event);
    }
  }

  /** What is left after a power cut at this moment. `isKept` decides about each change that was not synced. */
  afterPowerCut(isKept: () => boolean): Map<string, Buffer> {
    const left = new Map<string, Buffer>();
    for (const [path, file] of this.#removed) if (!isKept()) left.set(path, contentOf(file, isKept));
    for (const [path, file] of this.#files)
      if (this.#isNameThere(path, isKept)) left.set(path, contentOf(file, isKept));
    return left;
  }

  #isNameThere(path: string, isKept: () => boolean): boolean {
    if (path === this.#root) return true;
    return (this.#syncedNames.has(path) || isKept()) && this.#isNameThere(dirname(path), isKept);
  }

  #syncNames(folder: string): void {
    for (const path of [...this.#files.keys(), ...this.#folders])
      if (dirname(path) === folder) this.#syncedNames.add(path);
    for (const path of [...this.#removed.keys()]) if (dirname(path) === folder) this.#removed.delete(path);
  }

  #file(path: string): SimulatedFile {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`${path} was never made`);
    return file;
  }
}

function contentOf({ synced, unsynced }: SimulatedFile, isKept: () => boolean): Buffer {
  const kept = unsynced.filter(isKept);
  const ends = kept.map((change) => (change.call === 'write' ? change.offset + change.data.length : 0));
  const content = Buffer.alloc(ends.reduce((most, end) => Math.max(most, end), synced.length));
  synced.copy(content);
  let size = synced.length;
  for (const [index, change] of kept.entries()) {
    if (change.call === 'write') {
      change.data.copy(content, change.offset);
      size = Math.max(size, ends[index]!);
    } else {
      size = change.size;
      content.fill(0, size);
    }
  }
  return content.subarray(0, size);
}
