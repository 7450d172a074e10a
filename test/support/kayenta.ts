/** Kayenta's routes over the memory store, without a port, and the engine's passes when a test asks for them. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createProviders } from '../../providers/create-providers.ts';
import { createApp } from '../../services/api/app.ts';
import { createNumbers } from '../../services/api/numbers.ts';
import { advanceRun } from '../../services/engine/advance-run.ts';
import type { Clock, Store } from '../../services/engine/ports.ts';
import { type Account, createAccounts } from '../../services/kayenta/accounts.ts';
import { canaryAnalysisProvider } from '../../services/kayenta/canary-analysis.ts';
import { canaryExecutionProvider } from '../../services/kayenta/canary-execution.ts';
import { kayentaPlugin } from '../../services/kayenta/plugin.ts';
import type { KayentaDeps } from '../../services/kayenta/routes/route.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { memoryStore } from '../../services/store/memory.ts';
import { TestClock } from './clock.ts';

export interface TestKayenta {
  readonly app: FastifyInstance;
  readonly deps: KayentaDeps;
  /** Passes over the run of an execution or analysis until nothing is due now. */
  advance(id: string): Promise<void>;
  close(): Promise<void>;
}

const MOST_PASSES = 50;

export interface TestKayentaOptions {
  /** What an earlier one left: this one is the next process. */
  readonly store?: Store;
  readonly cors?: boolean;
}

export async function testKayenta(
  accounts: readonly Account[],
  clock: Clock = new TestClock(),
  { store = memoryStore(), cors = false }: TestKayentaOptions = {},
): Promise<TestKayenta> {
  const queue = embeddedQueue(clock);
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const known = createAccounts(accounts);
  const secrets = { read: async () => undefined };
  const engineOf = (): KayentaDeps => deps;
  const execution = canaryExecutionProvider({ store, accounts: known, now: () => clock.now(), randomUuid: randomUUID });
  const analysis = canaryAnalysisProvider(engineOf);
  const providers = createProviders(
    {
      clock,
      secrets,
      setting: () => undefined,
      controllerNamespace: 'argo-rollouts',
      evaluateTime: () => Number.NaN,
      planner: { shareWindowMs: 0, limits: () => ({ concurrency: 100, requestsPerSecond: 0, retries: 0 }) },
    },
    Object.fromEntries(
      [execution, analysis].map((provider) => [
        provider.member,
        { typeName: provider.typeName, schema: provider.schema, load: async () => provider },
      ]),
    ),
  );
  const deps: KayentaDeps = {
    store,
    queue,
    clock,
    secrets,
    measurer: providers,
    log,
    accounts: known,
    http: (request) => providers.http.send(request, AbortSignal.timeout(request.timeoutMs)),
    randomUuid: randomUUID,
    randomBytes: (size) => randomBytes(size),
  };
  const app = await createApp({ ...deps, queue, numbers: createNumbers(), providerSchemas: {} });
  await app.register(kayentaPlugin(deps, { cors }));
  return {
    app,
    deps,
    async advance(id) {
      const runId = `kayenta/${id.toLowerCase()}`;
      for (let pass = 0; pass < MOST_PASSES; pass += 1) {
        const next = await advanceRun(deps, { runId, dueAt: clock.now() });
        if (next === undefined || next.dueAt > clock.now()) return;
      }
      throw new Error(`run ${runId} was due again ${MOST_PASSES} times at one moment`);
    },
    async close() {
      await app.close();
      await queue.stop();
      providers.close();
    },
  };
}
