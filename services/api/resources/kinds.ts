import type { KindSchemas } from '../../admission/kind-schemas.ts';
import { dnsLabel, type NameRule, subdomain } from '../../admission/names.ts';
import type { StructuralSchema } from '../../admission/structural-schema.ts';
import { ANALYSIS_API_VERSION, type Resource } from '../../domain/resource.ts';
import type { ResourceKind } from '../../engine/ports.ts';
import { AGE, type Column, EVENT_COLUMNS, NAME, NAMESPACE_COLUMNS, RUN_COLUMNS } from './columns.ts';
import { eventSchema, namespaceSchema } from './core-schemas.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';
const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** One kind of the resource API: everything that discovery, tables, selectors and admission need to know of it. */
export interface ServedKind {
  /** Empty for core kinds. */
  readonly group: '' | 'argoproj.io';
  readonly version: 'v1' | 'v1alpha1';
  readonly apiVersion: string;
  readonly kind: ResourceKind;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly columns: readonly Column[];
  /** What field selectors may name. */
  readonly selectable: readonly string[];
  readonly schema: StructuralSchema;
  readonly nameRule: NameRule;
  readonly countsGenerations: boolean;
}

const EVENT_FIELDS = [
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
    (field) => `involvedObject.${field}`,
  ),
  'reason',
  'reportingComponent',
  'source',
  'type',
];

export function servedKinds(schemas: KindSchemas): readonly ServedKind[] {
  const analysis = {
    group: 'argoproj.io',
    version: 'v1alpha1',
    apiVersion: ANALYSIS_API_VERSION,
    verbs: ALL_VERBS,
    nameRule: subdomain,
    countsGenerations: true,
  } as const;
  const core = { group: '', version: 'v1', apiVersion: 'v1', countsGenerations: false } as const;
  return [
    {
      ...analysis,
      kind: 'AnalysisRun',
      plural: 'analysisruns',
      singular: 'analysisrun',
      shortNames: ['ar'],
      namespaced: true,
      columns: RUN_COLUMNS,
      selectable: ['metadata.name', 'metadata.namespace'],
      schema: schemas.AnalysisRun,
    },
    {
      ...analysis,
      kind: 'AnalysisTemplate',
      plural: 'analysistemplates',
      singular: 'analysistemplate',
      shortNames: ['at'],
      namespaced: true,
      columns: [NAME, AGE],
      selectable: ['metadata.name', 'metadata.namespace'],
      schema: schemas.AnalysisTemplate,
    },
    {
      ...analysis,
      kind: 'ClusterAnalysisTemplate',
      plural: 'clusteranalysistemplates',
      singular: 'clusteranalysistemplate',
      shortNames: ['cat'],
      namespaced: false,
      columns: [NAME, AGE],
      selectable: ['metadata.name'],
      schema: schemas.ClusterAnalysisTemplate,
    },
    {
      ...core,
      kind: 'Event',
      plural: 'events',
      singular: 'event',
      shortNames: ['ev'],
      namespaced: true,
      verbs: ALL_VERBS,
      columns: EVENT_COLUMNS,
      selectable: ['metadata.name', 'metadata.namespace', ...EVENT_FIELDS],
      schema: eventSchema,
      nameRule: subdomain,
    },
    {
      ...core,
      kind: 'Namespace',
      plural: 'namespaces',
      singular: 'namespace',
      shortNames: ['ns'],
      namespaced: false,
      verbs: ['create', 'get', 'list', 'patch', 'update'],
      columns: NAMESPACE_COLUMNS,
      selectable: ['metadata.name', 'status.phase'],
      schema: namespaceSchema,
      nameRule: dnsLabel,
    },
  ];
}

/** The path of the kind's objects: `/apis/argoproj.io/v1alpha1`. */
export function groupVersionPath({ group, version }: Pick<ServedKind, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

export function keyOf(kind: ServedKind, namespace: string | undefined, name: string) {
  return { kind: kind.kind, namespace: kind.namespaced ? (namespace ?? '') : '', name };
}

export type { Resource };
