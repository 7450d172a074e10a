import type { TSchema } from 'typebox';
import { AnalysisRunStatus, runSpecSchema } from '../domain/run.ts';
import { metricSchema, TemplateRef, templateSpecSchema } from '../domain/template.ts';
import { objectMetaSchema } from './object-meta-schema.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

export type AnalysisKind = 'AnalysisTemplate' | 'ClusterAnalysisTemplate' | 'AnalysisRun';
export type KindSchemas = Readonly<Record<AnalysisKind, StructuralSchema>>;

/** Beyond this nobody could run what is asked; Argo has no limit. */
export const MAX_METRICS = 500;

/** The whole documents of the three kinds. `providers` maps each member of `provider` to what may stand under it. */
export function kindSchemas(providers: Readonly<Record<string, TSchema>>): KindSchemas {
  const provider: StructuralSchema = {
    type: 'object',
    description: 'Where the readings come from: exactly one member.',
    properties: Object.fromEntries(
      Object.entries(providers).map(([member, schema]) => [member, structuralSchema(schema, member)]),
    ),
  };
  const placeholder = { type: 'object', properties: {} } as unknown as TSchema;
  const templateSpec = withMetrics(structuralSchema(templateSpecSchema(metricSchema(placeholder))), provider);
  const template = (description: string) => document(description, templateSpec);
  return {
    AnalysisTemplate: template('A recipe for an analysis: what to measure, how often, and what counts as success.'),
    ClusterAnalysisTemplate: template('An AnalysisTemplate that every namespace can use.'),
    AnalysisRun: document(
      'One execution of an analysis. Its status holds the measurements and the verdict.',
      runSpec(provider, placeholder),
      structuralSchema(AnalysisRunStatus),
    ),
  };
}

/** A new run may name templates instead of carrying metrics; they are expanded before it is stored. */
function runSpec(provider: StructuralSchema, placeholder: TSchema): StructuralSchema {
  const spec = withMetrics(structuralSchema(runSpecSchema(metricSchema(placeholder))), provider);
  const templates: StructuralSchema = {
    type: 'array',
    description:
      'Only on create, and not in Argo: templates whose metrics and arguments are put into the run, as a Rollout does.',
    items: structuralSchema(TemplateRef),
    maxItems: MAX_METRICS,
  };
  const { required = [], ...rest } = spec;
  const always = required.filter((name) => name !== 'metrics');
  return {
    ...rest,
    ...(always.length > 0 ? { required: always } : {}),
    properties: { ...spec.properties, templates },
    anyOf: [{ required: ['metrics'] }, { required: ['templates'] }],
  };
}

function withMetrics(spec: StructuralSchema, provider: StructuralSchema): StructuralSchema {
  const metrics = spec.properties?.['metrics'];
  const metric = metrics?.items;
  if (metrics === undefined || metric === undefined) throw new TypeError('spec has no list of metrics');
  const items = { ...metric, properties: { ...metric.properties, provider } };
  return { ...spec, properties: { ...spec.properties, metrics: { ...metrics, items, maxItems: MAX_METRICS } } };
}

function document(description: string, spec: StructuralSchema, status?: StructuralSchema): StructuralSchema {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this representation: argoproj.io/v1alpha1.' },
      kind: { type: 'string', description: 'The kind of the object.' },
      metadata: objectMetaSchema,
      spec: { ...spec, description: 'What is wanted.' },
      ...(status === undefined ? {} : { status: { ...status, description: 'What has happened so far.' } }),
    },
  };
}
