import type { FastifyRequest, RouteOptions } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import type { Phase } from '../domain/phase.ts';
import type { Resource } from '../domain/resource.ts';
import type { AnalysisTemplate } from '../domain/template.ts';
import { lintDocument } from '../engine/lint-document.ts';
import type { Key, Store } from '../engine/ports.ts';
import type { DashboardDeps } from './deps.ts';
import { describeTemplate } from './describe-template.ts';
import { read } from './route.ts';
import { keyText, newestVerdicts, type PastVerdict, templateHistory } from './template-history.ts';

/** A template as the list of all shows it. */
export interface TemplateSummary {
  readonly kind: AnalysisTemplate['kind'];
  /** Empty for a cluster template. */
  readonly namespace: string;
  readonly name: string;
  readonly metrics: readonly string[];
  readonly errors: number;
  readonly warnings: number;
  /** Runs that are stored. */
  readonly runs: number;
  /** Newest first. */
  readonly verdicts: readonly PastVerdict[];
}

const VERDICTS_IN_LIST = 12;
const RUNS_IN_HISTORY = 30;
const MOST_RUNS_IN_HISTORY = 200;

const TEMPLATE = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors', namespace: 'shop' },
  spec: {},
};
const PAST_RUN = { namespace: 'shop', name: 'errors-7k2fq', release: 'revision 7', phase: 'Failed' satisfies Phase };
const DESCRIPTION = { template: TEMPLATE, arguments: [], others: [], findings: [] };
const HISTORY = { total: 1, runs: [{ ...PAST_RUN, sentence: 'Metric "errors" Failed', metrics: [] }] };
const LIMIT = { limit: `Runs at most; ${RUNS_IN_HISTORY} when absent, no more than ${MOST_RUNS_IN_HISTORY}.` };

export function templateRoutes({ store }: DashboardDeps): readonly RouteOptions[] {
  const describe = async (request: FastifyRequest) => {
    const { namespace } = request.query as { namespace?: string };
    const template = await templateOf(store, request);
    return describeTemplate(store, template, template.metadata.namespace ?? namespace ?? 'default');
  };
  const history = async (request: FastifyRequest) =>
    templateHistory(store, keyOf(request), limitOf(request.query as { limit?: string }));
  return [
    read(
      '/ui/api/templates',
      {
        operationId: 'listTemplates',
        summary: 'All templates in short, with what is wrong with them and their newest verdicts',
        example: { templates: [] },
      },
      async () => ({ templates: await summaries(store) }),
    ),
    read(
      '/ui/api/templates/:namespace/:name',
      {
        operationId: 'describeTemplate',
        summary: 'A template, its arguments, and what is wrong with it',
        example: DESCRIPTION,
        errors: ['NotFound'],
      },
      describe,
    ),
    read(
      '/ui/api/clustertemplates/:name',
      {
        operationId: 'describeClusterTemplate',
        summary: 'A cluster template, its arguments, and what is wrong with it',
        parameters: { namespace: 'Where it is to run: what it refers to is looked up there.' },
        example: DESCRIPTION,
        errors: ['NotFound'],
      },
      describe,
    ),
    read(
      '/ui/api/templates/:namespace/:name/history',
      {
        operationId: 'readTemplateHistory',
        summary: 'The runs made from a template, newest first, and their metrics',
        parameters: LIMIT,
        example: HISTORY,
      },
      history,
    ),
    read(
      '/ui/api/clustertemplates/:name/history',
      {
        operationId: 'readClusterTemplateHistory',
        summary: 'The runs made from a cluster template, newest first, and their metrics',
        parameters: LIMIT,
        example: HISTORY,
      },
      history,
    ),
  ];
}

/** A path without a namespace is that of a cluster template. */
function keyOf(request: FastifyRequest): Key {
  const { namespace, name } = request.params as { namespace?: string; name: string };
  return namespace === undefined
    ? { kind: 'ClusterAnalysisTemplate', namespace: '', name }
    : { kind: 'AnalysisTemplate', namespace, name };
}

async function templateOf(store: Store, request: FastifyRequest): Promise<AnalysisTemplate> {
  const key = keyOf(request);
  const template = await store.get(key);
  if (template === undefined) throw new CallerError('not-found', `${key.kind} "${key.name}" not found`);
  return template as AnalysisTemplate;
}

function limitOf({ limit = '' }: { readonly limit?: string }): number {
  const asked = /^\d{1,9}$/.test(limit) ? Number(limit) : RUNS_IN_HISTORY;
  return Math.min(MOST_RUNS_IN_HISTORY, Math.max(1, asked));
}

async function summaries(store: Store): Promise<readonly TemplateSummary[]> {
  const [near, everywhere, verdicts] = await Promise.all([
    store.list({ kind: 'AnalysisTemplate' }),
    store.list({ kind: 'ClusterAnalysisTemplate' }),
    newestVerdicts(store, VERDICTS_IN_LIST),
  ]);
  const templates = [...near.items, ...everywhere.items] as readonly Resource[] as readonly AnalysisTemplate[];
  return Promise.all(
    templates.map(async (template) => {
      const { kind, metadata, spec } = template;
      const { name, namespace = '' } = metadata;
      const severities = (await lintDocument(template)).map(({ severity }) => severity);
      const past = verdicts.get(keyText({ kind, namespace, name }));
      return {
        kind,
        namespace,
        name,
        metrics: spec.metrics?.map((metric) => metric.name) ?? [],
        errors: severities.filter((severity) => severity === 'error').length,
        warnings: severities.filter((severity) => severity === 'warning').length,
        runs: past?.total ?? 0,
        verdicts: past?.verdicts ?? [],
      };
    }),
  );
}
