import type { RouteOptions } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import { stringify } from 'yaml';
import { Argument, type Metric, type ProviderSpec } from '../domain/template.ts';
import { type TriedMetric, tryMetric } from '../engine/try-metric.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { readOneDocument } from '../manifest/read-manifest.ts';
import type { DashboardDeps } from './deps.ts';
import { readBody, refuse } from './read-body.ts';
import { change, read } from './route.ts';

/** A person waits for it. */
const WITHIN_MS = 30_000;
/** Answers may be as large as 10 MiB; nobody reads that much on a page. */
const LONGEST_VALUE = 20_000;
/** What they start or decide cannot be tried by itself. */
const NOT_TRIED = ['job', 'kayenta', 'canaryExecution', 'canaryAnalysis', 'plugin'];

const text = (description: string) => Type.Optional(Type.String({ description }));

const Trial = Type.Object({
  namespace: Type.String({ default: 'default', description: 'Whose Secrets are read.' }),
  provider: Type.String({ description: 'The provider block of a metric, as YAML.' }),
  successCondition: text('Expression over result.'),
  failureCondition: text('Expression over result.'),
  interval: text('Interval of the metric, for queries that look back over it.'),
  args: Type.Optional(Type.Array(Argument)),
});
type Trial = Static<typeof Trial>;

/** A source that can be tried, and what to begin with. */
export interface TriableProvider {
  readonly member: string;
  readonly description: string;
  /** YAML. */
  readonly example: string;
}

export function trialRoutes(deps: DashboardDeps): readonly RouteOptions[] {
  return [
    read(
      '/ui/api/providers',
      {
        operationId: 'listTriableProviders',
        summary: 'Sources of metrics with an example of what a metric says to each',
        example: { providers: [{ member: 'prometheus', description: 'PromQL', example: 'query: up' }] },
      },
      async () => ({ providers: triableProviders(deps.providerSchemas) }),
    ),
    change(
      'POST',
      '/ui/api/trials',
      {
        operationId: 'tryMetric',
        summary: 'Asks a source once and evaluates conditions against its answer; nothing is stored',
        requestExample: {
          namespace: 'shop',
          provider: 'prometheus:\n  address: http://prometheus:9090\n  query: sum(up{job="{{args.job}}"})',
          successCondition: 'result[0] > 0',
          args: [{ name: 'job', value: 'checkout' }],
        },
        example: {
          measurement: { phase: 'Successful', value: '[3]' },
          value: '[3]',
          resultType: '[]float64',
          conditions: [{ field: 'successCondition', text: 'result[0] > 0', held: true }],
          notes: {},
          findings: [],
          durationMs: 12,
        },
        errors: ['BadRequest', 'Invalid'],
      },
      async (request) => {
        const trial = readBody(request, Trial) as Trial;
        return shortened(
          await tryMetric(deps, {
            namespace: trial.namespace,
            metric: metricOf(trial),
            args: trial.args ?? [],
            signal: AbortSignal.timeout(WITHIN_MS),
          }),
        );
      },
    ),
  ];
}

function triableProviders(schemas: Readonly<Record<string, TSchema>>): readonly TriableProvider[] {
  return Object.entries(schemas)
    .filter(([member]) => !NOT_TRIED.includes(member))
    .map(([member, schema]) => {
      const { description = '', examples: [example = {}] = [] } = schema as {
        readonly description?: string;
        readonly examples?: readonly object[];
      };
      return { member, description, example: stringify({ [member]: example }, { lineWidth: 0 }) };
    });
}

function metricOf({ provider, successCondition, failureCondition, interval }: Trial): Metric {
  return {
    name: 'trial',
    provider: providerOf(provider),
    ...(successCondition && { successCondition }),
    ...(failureCondition && { failureCondition }),
    ...(interval && { interval }),
  };
}

function providerOf(yaml: string): ProviderSpec {
  try {
    const { value } = readOneDocument(yaml, 'yaml');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ProviderSpec;
    refuse([
      { field: 'provider', message: 'must be the block of one provider, such as "prometheus:" with its fields' },
    ]);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    refuse([{ field: 'provider', message: error.message }]);
  }
  return {};
}

function shortened(tried: TriedMetric): TriedMetric {
  const { value, measurement } = tried;
  if (value === undefined || value.length <= LONGEST_VALUE) return tried;
  const short = `${value.slice(0, LONGEST_VALUE).toWellFormed()}… (${value.length} characters)`;
  const { value: kept, ...rest } = measurement;
  return { ...tried, value: short, measurement: { ...rest, ...(kept !== undefined && { value: short }) } };
}
