import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../../services/store/sqlite-database.ts';
import { randomNumbers } from '../../support/random-numbers.ts';
import { type DiskEvent, readTrace, SimulatedDisk, TRACE_ARGS } from '../../support/simulated-disk.ts';

// A killed process loses nothing that it gave to the kernel, so killing cannot show that commits reach the disk. Here the power goes: strace records
// what the store does to its files, and for many moments a disk is made up on which only what was synced until then is certain to be.

const services = fileURLToPath(new URL('../../../services', import.meta.url));
const writer = fileURLToPath(new URL('../../support/acknowledge-writes.ts', import.meta.url));
const root = realpathSync(mkdtempSync(join(tmpdir(), 'assay-power-cut-')));
afterAll(() => rmSync(root, { recursive: true }));

const canTrace = spawnSync('strace', ['-o', '/dev/null', process.execPath, '--version']).status === 0;
const MOMENTS = 60;

/** What a process did that wrote to a store of these sources, all in the folder `disk` of the place. */
function traceWrites(sources: string, place: string): DiskEvent[] {
  const disk = join(place, 'disk');
  mkdirSync(disk, { recursive: true });
  const trace = join(place, 'trace');
  const writing = [process.execPath, writer, join(sources, 'store/sqlite.ts'), join(disk, 'data')];
  const { status, stderr } = spawnSync('strace', [...TRACE_ARGS, '-o', trace, ...writing], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return readTrace(readFileSync(trace, 'latin1'), disk);
}

type Acknowledged = ReadonlyMap<string, string>;

/** What was acknowledged and is not in the database that a power cut left. */
function lossesIn(left: ReadonlyMap<string, Buffer>, acknowledged: Acknowledged, place: string): string[] {
  rmSync(place, { recursive: true, force: true });
  for (const [path, content] of left) {
    const file = join(place, path.slice(path.indexOf('/disk/')));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  try {
    const database = new SqliteDatabase(join(place, 'disk/data'));
    const all = { do: 'rows', kind: 'AnalysisRun', namespace: undefined, after: ['', ''], limit: 1_000 } as const;
    const revisions = new Map(database.read(all).rows.map(([, name, revision]) => [name, revision]));
    const newest = database.revision;
    database.close();
    return [...acknowledged].flatMap(([name, version]) => {
      const revision = revisions.get(name);
      if (version === 'gone') return revision === undefined ? [] : [`${name} is back`];
      if (revision === undefined || revision < Number(version)) return [`${name} at ${version}`];
      return newest < revision ? [`${name} is newer than the store`] : [];
    });
  } catch (error) {
    return [`everything: ${String(error)}`];
  }
}

/** Cuts the power at many moments of a trace, and tells what the first cut that lost something lost. */
function cutPower(events: readonly DiskEvent[], place: string): { losses: string[]; acknowledged: Acknowledged } {
  const random = randomNumbers(1);
  const disk = new SimulatedDisk(join(place, 'disk'));
  const acknowledged = new Map<string, string>();
  const kinds: (() => boolean)[] = [() => false, () => random() < 0.5, () => random() < 0.9];
  // Right after an acknowledgement is where a promise is broken most easily.
  const share = { print: 0.3, other: MOMENTS / events.length };
  for (const event of events) {
    if (event.call !== 'print') disk.apply(event);
    else for (const [, name, version] of event.text.matchAll(/(\S+) (\S+)\n/g)) acknowledged.set(name!, version!);
    if (acknowledged.size === 0 || random() > share[event.call === 'print' ? 'print' : 'other']) continue;
    for (const isKept of kinds) {
      const losses = lossesIn(disk.afterPowerCut(isKept), acknowledged, join(place, 'after'));
      if (losses.length > 0) return { losses, acknowledged };
    }
  }
  return { losses: [], acknowledged };
}

describe.skipIf(!canTrace)('a power cut', () => {
  const asItIs = join(root, 'as-it-is');
  let events: DiskEvent[];
  beforeAll(() => {
    events = traceWrites(services, asItIs);
  });

  it('loses no acknowledged write of the SQLite store, at whatever moment', () => {
    const { losses, acknowledged } = cutPower(events, asItIs);
    expect(losses).toEqual([]);
    expect(acknowledged.size).toBe(2 * (3 + 20) + 10);
  });

  it.each(['OFF', 'NORMAL'])('would lose writes with synchronous = %s, and is seen to', (level) => {
    const place = join(root, level);
    const sources = join(place, 'services');
    for (const folder of ['domain', 'engine', 'store'])
      cpSync(join(services, folder), join(sources, folder), { recursive: true });
    const file = join(sources, 'store/sqlite-database.ts');
    const source = readFileSync(file, 'utf8');
    expect(source).toContain('synchronous = FULL');
    writeFileSync(file, source.replace('synchronous = FULL', `synchronous = ${level}`));
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
    expect(cutPower(traceWrites(sources, place), place).losses).not.toEqual([]);
  });

  it('is guarded against once for all writes of one tick', () => {
    const at = (text: string): number =>
      events.findIndex((event) => event.call === 'print' && event.text.startsWith(text));
    const syncs = events.slice(at('small-1-2 '), at('large-0 ')).filter(({ call }) => call === 'sync').length;
    // Twenty writers with two writes each.
    expect(syncs).toBeGreaterThan(0);
    expect(syncs).toBeLessThan(20);
  });
});
