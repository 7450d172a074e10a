import type { TSchema } from 'typebox';
import type { Provider } from './contract.ts';
import { PrometheusQuery } from './prometheus/query.ts';
import { WebQuery } from './web/query.ts';

/** A provider before it is loaded: what users write is known at once, the code and its client package only when a metric uses it. */
export interface Registered {
  /** Argo's type name for logs and metrics. */
  readonly typeName: string;
  readonly schema: TSchema;
  load(): Promise<Provider>;
}

/** One line a provider, by its member of `metric.provider`. The order is Argo's: of several members the first one is used. */
export const registry: Readonly<Record<string, Registered>> = {
  prometheus: {
    typeName: 'Prometheus',
    schema: PrometheusQuery,
    load: async () => (await import('./prometheus/index.ts')).prometheus,
  },
  web: { typeName: 'Web', schema: WebQuery, load: async () => (await import('./web/index.ts')).web },
};

/** The schema of each provider's block, by member. */
export const providerSchemas: Readonly<Record<string, TSchema>> = Object.fromEntries(
  Object.entries(registry).map(([member, { schema }]) => [member, schema]),
);
