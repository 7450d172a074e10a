/**
 * A worker with tickets of its own for all runs of the others: node second-tickets.ts --redis URL --data DIR. So every ticket is at two workers at once, which
 * their queue would prevent.
 */
import { parseArgs } from 'node:util';
import { readConfig } from '../../services/config/read-config.ts';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { scheduleRun } from '../../services/engine/schedule-run.ts';
import { systemClock } from '../../services/queue/clock.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { redisStore } from '../../services/store/redis.ts';
import { wireProviders, wireSecrets } from '../../services/wiring/sources.ts';
import { startWorker } from '../../services/wiring/worker.ts';
import { keptLog } from '../support/log.ts';

const { values } = parseArgs({ options: { redis: { type: 'string' }, data: { type: 'string' } } });
const config = await readConfig(values);
const log = keptLog();
const store = redisStore({ url: config.redis!, prefix: config.redisPrefix, log });
const queue = embeddedQueue(systemClock);
const secrets = await wireSecrets(config);
const providers = await wireProviders(config, { clock: systemClock, secrets, store });
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

const deps = { store, queue, clock: systemClock, secrets, measurer: providers.measurer, log };
const since = await store.revision();
const worker = await startWorker(deps, config.worker, false);
console.log('working');
for await (const { type, document } of store.watch({ kind: 'AnalysisRun' }, since, stopping.signal))
  if (type === 'ADDED') await scheduleRun(deps, document as AnalysisRun);
await worker.stop();
providers.close();
await store.close();
