/** A worker that dies between the status it wrote and what it would have told: node dying-worker.ts DATA|redis://… URL-OF-CALLBACK */
import { advanceRun } from '../../services/engine/advance-run.ts';
import { createRun } from '../../services/engine/create-run.ts';
import type { EngineDeps } from '../../services/engine/deps.ts';
import { runIdOf } from '../../services/engine/run-store.ts';
import { Outbox } from '../../services/notify/outbox.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { redisStore } from '../../services/store/redis.ts';
import { sqliteStore } from '../../services/store/sqlite.ts';
import { keptLog } from './log.ts';

const [place = '', callback = ''] = process.argv.slice(2);
const store = place.startsWith('redis:')
  ? redisStore({ url: place, prefix: 'assay', log: keptLog() })
  : await sqliteStore(place);
const log = keptLog();
const never = async (): Promise<never> => {
  throw new Error('nothing is measured');
};
const deps: EngineDeps = {
  store,
  clock: systemClock,
  log,
  queue: { schedule: async () => undefined },
  secrets: { read: async () => undefined },
  measurer: { measure: never, resume: never, cancel: never, collect: never, metadata: never },
  // The store has acknowledged the status; nothing after this line happens.
  listeners: [{ statusWritten: async () => void process.kill(process.pid, 'SIGKILL') }],
};
const settings = { defaultTriggers: [], services: {}, subscriptions: {}, templates: {} };
await new Outbox({ store, clock: systemClock, log, settings, made: never }).sweep(true);
const run = await createRun(deps, {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name: 'checkout', namespace: 'shop', annotations: { 'assay/callback': callback } },
  spec: { metrics: [{ name: 'errors', consecutiveErrorLimit: 0, provider: { web: { url: 'http://127.0.0.1:9/' } } }] },
});
await advanceRun(deps, { runId: runIdOf(run), dueAt: Date.now() });
