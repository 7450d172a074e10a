/** A notifier over a store, a set clock and real connections; runs are advanced by the engine, with sources that answer as told. */
import { DENIED_BY_DEFAULT } from '../../../providers/address-guard.ts';
import type { Config } from '../../../services/config/read-config.ts';
import { readConfig } from '../../../services/config/read-config.ts';
import type { AnalysisRun, AnalysisRunSpec } from '../../../services/domain/run.ts';
import { createRun } from '../../../services/engine/create-run.ts';
import type { Secrets, Store } from '../../../services/engine/ports.ts';
import type { DeliveryDocument } from '../../../services/notify/delivery.ts';
import type { Notifier } from '../../../services/notify/notifier.ts';
import { checkNotifications, wireNotifier } from '../../../services/wiring/notifier.ts';
import { testProviders } from '../../support/providers.ts';
import { type Bench, engineBench, reading } from '../engine/harness.ts';

export interface NotifyBench {
  readonly engine: Bench;
  readonly store: Store;
  readonly notifier: Notifier;
  readonly outcomes: { readonly target: string; readonly outcome: string }[];
  create(name: string, more?: Partial<AnalysisRun['metadata']>, spec?: Partial<AnalysisRunSpec>): Promise<AnalysisRun>;
  /** Creates a run and passes over it until it is complete. `values` are what its one metric reads, 0.2 when they run out. */
  finish(
    name: string,
    more?: Partial<AnalysisRun['metadata']>,
    values?: readonly number[],
    metric?: string,
  ): Promise<AnalysisRun>;
  deliveries(): Promise<readonly DeliveryDocument[]>;
  /** Lets the clock go on in steps until this holds. */
  until(holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export const METRIC = {
  name: 'error-rate',
  failureCondition: 'result > 0.1',
  provider: { web: { url: 'http://127.0.0.1:9/never' } },
};

export const TO_OPS = { 'notifications.argoproj.io/subscribe.on-analysis-run-failed.hook': '' };

/** Settings as a user writes them into the file. */
export interface Given {
  readonly notifications: object;
  readonly publicUrl?: string;
  readonly setting?: Config['setting'];
}

export async function notifyBench(
  given: Given,
  options: {
    readonly store?: Store;
    readonly secrets?: Secrets;
    readonly engine?: Bench;
    readonly deaf?: boolean;
  } = {},
): Promise<NotifyBench> {
  const engine = options.engine ?? engineBench(options.store === undefined ? {} : { store: options.store });
  const config: Config = { ...(await readConfig({}, {})), ...(given as Partial<Config>) };
  const settings = { ...(await readConfig({}, {})).notifications, ...given.notifications };
  const whole = { ...config, notifications: settings, outbound: { allow: [], deny: [...DENIED_BY_DEFAULT] } } as Config;
  await checkNotifications(whole);
  const outcomes: { target: string; outcome: string }[] = [];
  const providers = testProviders();
  const { store, clock, log } = engine.deps;
  const notifier = await wireNotifier(whole, {
    ...{ store, clock, log },
    secrets: options.secrets ?? engine.deps.secrets,
    numbers: { deliverySettled: (event) => void outcomes.push(event) },
    http: providers.http,
  });
  if (options.deaf !== true) Object.assign(engine.deps, { listeners: [notifier] });
  await notifier.start();

  const create: NotifyBench['create'] = (name, more = {}, spec = {}) =>
    createRun(engine.deps, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { namespace: 'shop', ...more, name },
      spec: { metrics: [METRIC], ...spec },
    });
  return {
    engine,
    store,
    notifier,
    outcomes,
    create,
    async finish(name, more = {}, values = [], metric = METRIC.name) {
      const left = [...values];
      engine.measurer.onMeasure = () => reading(left.shift() ?? 0.2);
      const count = Math.max(1, values.length);
      const run = await create(name, more, { metrics: [{ ...METRIC, name: metric, interval: '10s', count }] });
      const id = `${run.metadata.namespace}/${name}`;
      for (let ticket = engine.tickets.get(id); ticket !== undefined; ticket = engine.tickets.get(id)) {
        engine.tickets.delete(id);
        await passAt(engine, ticket);
      }
      return (await store.get({ kind: 'AnalysisRun', namespace: run.metadata.namespace ?? '', name })) as AnalysisRun;
    },
    async deliveries() {
      return (await store.list({ kind: 'Delivery' })).items as readonly DeliveryDocument[];
    },
    async until(holds, stepMs = 0) {
      while (!(await holds())) {
        await engine.clock.advance(stepMs);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async stop() {
      await notifier.stop();
      providers.close();
    },
  };
}

async function passAt(engine: Bench, ticket: { readonly runId: string; readonly dueAt: number }): Promise<void> {
  const { advanceRun } = await import('../../../services/engine/advance-run.ts');
  await engine.clock.advanceTo(Math.max(engine.clock.now(), ticket.dueAt));
  const next = await advanceRun(engine.deps, ticket);
  if (next !== undefined) await engine.deps.queue.schedule(next);
}
