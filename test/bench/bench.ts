/** npm run bench [-- NAME...]   All figures, or the named parts: each with its bound beside it, all in one run on one machine. */
import { cpus } from 'node:os';
import type { Bench } from './figure.ts';
import { print } from './figure.ts';

const PARTS: Readonly<Record<string, { readonly title: string; readonly load: () => Promise<Bench> }>> = {
  'start-up': { title: 'assay serve', load: async () => (await import('./start-up.ts')).benchStartUp },
  judge: { title: 'Judge', load: async () => (await import('./judge.ts')).benchJudge },
  store: { title: 'Store and queue', load: async () => (await import('./store.ts')).benchStore },
  'live-runs': { title: 'Live runs', load: async () => (await import('./live-runs.ts')).benchLiveRuns },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(4);
}
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
for (const name of names) {
  const { title, load } = PARTS[name]!;
  console.log(`\n${title}`);
  print(await (await load())());
}
