import { randomBytes, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { advanceRun } from '../../../services/engine/advance-run.ts';
import { createRun } from '../../../services/engine/create-run.ts';
import type { EngineDeps } from '../../../services/engine/deps.ts';
import { loadRun } from '../../../services/engine/run-store.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { embeddedQueue } from '../../../services/queue/embedded.ts';
import { memoryStore } from '../../../services/store/memory.ts';
import { serve } from '../../support/http-server.ts';
import { servedProviders } from '../../support/providers.ts';

const RUNS = 10_000;
const QUERIES = 10;

it('ten thousand runs due in the same second with ten distinct queries make ten requests', {
  timeout: 60_000,
}, async () => {
  const requests: string[] = [];
  const prometheus = await serve(async (request, response) => {
    const query = new URLSearchParams(await text(request)).get('query') ?? '';
    requests.push(query);
    const result = [Date.now() / 1000, query.slice('query_'.length)];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result } }));
  });
  const providers = servedProviders();
  const queue = embeddedQueue(systemClock);
  const nothing = () => undefined;
  const done = Promise.withResolvers<void>();
  let completed = 0;
  const deps = {
    store: memoryStore(),
    queue,
    clock: systemClock,
    secrets: { read: async () => undefined },
    measurer: providers,
    log: { debug: nothing, info: nothing, warn: nothing, error: done.reject },
    observer: {
      measured: nothing,
      passed: nothing,
      passFailed: nothing,
      told: nothing,
      completed() {
        completed += 1;
        if (completed === RUNS) done.resolve();
      },
    },
    randomUuid: randomUUID,
    randomBytes,
  } as EngineDeps;
  try {
    for (let number = 0; number < RUNS; number += 1) {
      const provider = { prometheus: { address: prometheus.url, query: `query_${number % QUERIES}` } };
      await createRun(deps, {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        metadata: { name: `run-${number}`, namespace: 'default' },
        spec: { metrics: [{ name: 'answer', successCondition: `result == ${number % QUERIES}`, provider }] },
      });
    }
    // All tickets are due by now; as many passes at once as `assay serve` allows.
    queue.start((ticket) => advanceRun(deps, ticket), { concurrency: RUNS });
    await done.promise;
    expect(requests.toSorted()).toEqual(Array.from({ length: QUERIES }, (_, query) => `query_${query}`));
    const phases = new Set<string | undefined>();
    for (let number = 0; number < RUNS; number += 1)
      phases.add((await loadRun(deps.store, { runId: `default/run-${number}` }))?.status?.phase);
    expect([...phases]).toEqual(['Successful']);
  } finally {
    await queue.stop();
    providers.close();
    await prometheus.close();
  }
});
