/** npm run bench [-- NAME...]   All figures, or the named parts: each with its bound beside it, all in one run on one machine. */
import { cpus } from 'node:os';
import { type Bench, type Figure, print, under } from './figure.ts';

/** The commonest condition has a bound of its own for each step. */
const BOUNDED = { condition: 'result[0] >= 0.95', compileNs: 20_000, evaluateNs: 300 };

async function benchConditions(): Promise<readonly Figure[]> {
  const { benchExpression } = await import('./expression.ts');
  const timings = await benchExpression();
  const [bounded] = timings.filter(({ condition }) => condition === BOUNDED.condition);
  return [
    under(`parse and check ${BOUNDED.condition}`, bounded!.compileNs, 'ns', BOUNDED.compileNs),
    under(`evaluate ${BOUNDED.condition}, cached`, bounded!.evaluateNs, 'ns', BOUNDED.evaluateNs),
    ...timings.flatMap(({ condition, compileNs, evaluateNs, plainNs, ratio }) => [
      { name: `parse and check ${condition}`, value: compileNs, unit: 'ns' },
      {
        name: `evaluate ${condition}`,
        value: evaluateNs,
        unit: 'ns',
        ratio: `${ratio.toFixed(0)}x plain JavaScript's ${plainNs.toFixed(0)} ns`,
      },
    ]),
  ];
}

const PARTS: Readonly<Record<string, { readonly title: string; readonly load: () => Promise<Bench> }>> = {
  'start-up': { title: 'assay serve', load: async () => (await import('./start-up.ts')).benchStartUp },
  conditions: { title: 'Conditions', load: async () => benchConditions },
  judge: { title: 'Judge', load: async () => (await import('./judge.ts')).benchJudge },
  store: { title: 'Store and queue', load: async () => (await import('./store.ts')).benchStore },
  watch: { title: 'Watches', load: async () => (await import('./watch.ts')).benchWatch },
  redis: { title: 'Many workers over Redis', load: async () => (await import('./redis.ts')).benchRedis },
  exposition: { title: '/metrics', load: async () => (await import('./exposition.ts')).benchExposition },
  dashboard: { title: 'Dashboard', load: async () => (await import('./dashboard.ts')).benchDashboard },
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
