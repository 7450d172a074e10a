import { type Provider, type ProviderCall, ProviderError, type Reading } from '../contract.ts';
import { shortestDecimal } from '../go-format.ts';
import { originOf } from '../go-url.ts';
import { withDeadline } from '../http-layers.ts';
import { readDuration } from '../look-back.ts';
import { dynatraceSource } from './dynatrace.ts';
import { OBSERVER_NAMES, observedValue, observerQuery } from './observers.ts';
import { prometheusSource } from './prometheus.ts';
import { FlaggerQuery } from './query.ts';
import { refused, type Source, type SourceParts } from './source.ts';
import { splunkSource } from './splunk.ts';
import { stackdriverSource } from './stackdriver.ts';

type Call = ProviderCall<FlaggerQuery>;

const DEFAULT_INTERVAL = '1m';

const SOURCES: Readonly<Record<FlaggerQuery['provider']['type'], (parts: SourceParts) => Source>> = {
  prometheus: prometheusSource,
  dynatrace: dynatraceSource,
  stackdriver: stackdriverSource,
  splunk: splunkSource,
};

export const flagger: Provider<FlaggerQuery> = {
  member: 'flagger',
  typeName: 'Flagger',
  schema: FlaggerQuery,
  account: ({ provider: { type, address, secretRef } }) =>
    address ? originOf(address) : `${type} ${secretRef?.name ?? ''}`.trimEnd(),

  async measure(call): Promise<Reading> {
    const source = await connect(call);
    const value = await numberOf(call.query, source);
    return { result: { type: 'float64', value }, value: shortestDecimal(value) };
  },

  async check(call) {
    await (await connect(call)).check();
  },
};

async function connect(call: Call): Promise<Source> {
  const { provider, interval = DEFAULT_INTERVAL, requestTimeout = '5s' } = call.query;
  const { secretRef, type } = provider;
  const timeoutMs = readDuration('requestTimeout', requestTimeout);
  // A MetricTemplate's secret is beside it.
  const credentials = secretRef && (await call.readSecret(call.run.namespace, secretRef.name));
  return SOURCES[type]({ call, provider, credentials, interval, http: withDeadline(call.http, timeoutMs), timeoutMs });
}

/** Exactly one of a query and an observer's metric. Throws ProviderError. */
async function numberOf({ query, observer, metric, model, interval, provider }: FlaggerQuery, source: Source) {
  if ((query === undefined) === (observer === undefined)) throw refused('flagger: write either query or observer');
  if (query !== undefined) return source.measure(query);
  if (observer === undefined || metric === undefined) throw refused(`flagger: observer ${observer} needs a metric`);
  if (provider.type !== 'prometheus') throw refused(`flagger: observers ask prometheus, not ${provider.type}`);
  const { namespace = '', target = '', service = '', ingress = '', route = '' } = model ?? {};
  const window = model?.interval ?? interval ?? DEFAULT_INTERVAL;
  const built = observerQuery(observer, metric, { namespace, target, service, ingress, route, interval: window });
  if (built === undefined)
    throw refused(`flagger: there is no observer ${observer}: write one of ${OBSERVER_NAMES.join(', ')}`);
  try {
    return observedValue(observer, metric, await source.measure(built));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `running query failed: ${error.message}`, { cause: error });
  }
}
