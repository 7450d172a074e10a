import Type from 'typebox';
import { applySchema } from '../admission/apply-schema.ts';
import type { Cause } from '../admission/cause.ts';
import { structuralSchema } from '../admission/structural-schema.ts';
import { CallerError } from '../domain/errors.ts';
import { ANALYSIS_API_VERSION } from '../domain/resource.ts';

/** What a job asks for: the run document to be admitted, or the judgement that `POST /judge` would give. */
export type Asked = { readonly run: Document } | { readonly judgeRequest: Document };
export type Document = Readonly<Record<string, unknown>>;

const text = (description: string) => Type.String({ description });

/** A job that names a template. */
const TemplateJob = Type.Object({
  template: text('Name of an AnalysisTemplate in the namespace.'),
  clusterScope: Type.Optional(Type.Boolean({ description: 'Whether it is a ClusterAnalysisTemplate.' })),
  args: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Values by the names of arguments.' })),
  namespace: Type.Optional(text('Namespace of the run; without it "default".')),
  name: Type.Optional(text("Name of the run; without it the template's name and an ending that follows from the job.")),
  labels: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Labels of the run.' })),
});

interface TemplateJob {
  readonly template: string;
  readonly clusterScope?: boolean;
  readonly args?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const templateJob = structuralSchema(TemplateJob, 'data');

/** Tells the three kinds of jobs apart. Throws CallerError `invalid` for anything else: the queue is open to whoever reaches Redis. */
export function readJob(data: unknown): Asked {
  if (isDocument(data)) {
    if (data['kind'] !== undefined) return { run: runDocument(data) };
    if (data['template'] !== undefined) return { run: fromTemplate(data) };
    if (data['canaryConfig'] !== undefined) return { judgeRequest: data };
  }
  throw new CallerError(
    'invalid',
    'data is none of: an AnalysisRun (kind: AnalysisRun, apiVersion, metadata, spec), a template by name (template, args, namespace), a judgement request (canaryConfig, scoreThresholds, metricSetPairList)',
  );
}

/** Throws CallerError `invalid` with every cause in its message. */
export function refuse(causes: readonly Pick<Cause, 'field' | 'message'>[]): never {
  throw new CallerError('invalid', causes.map(({ field, message }) => `${field}: ${message}`).join(', '), causes);
}

/** The status is left out: a document that was read from somewhere asks for a new run, not for its old verdict. */
function runDocument({ status: _, ...document }: Document): Document {
  const wrong = { kind: 'AnalysisRun', apiVersion: ANALYSIS_API_VERSION } as const;
  for (const [field, right] of Object.entries(wrong))
    if (document[field] !== right)
      refuse([{ field, message: `must be ${right}, not ${JSON.stringify(document[field])}` }]);
  return document;
}

function fromTemplate(data: Document): Document {
  const { value, unknownFields, causes } = applySchema(templateJob, data);
  const known = Object.keys(templateJob.properties ?? {}).join(', ');
  const unknown = unknownFields.map((field) => ({ field, message: `no such field; known: ${known}` }));
  if (causes.length + unknown.length > 0) refuse([...causes, ...unknown]);
  const { template, clusterScope, args, namespace, name, labels } = value as TemplateJob;
  return {
    apiVersion: ANALYSIS_API_VERSION,
    kind: 'AnalysisRun',
    metadata: {
      ...(name === undefined ? { generateName: `${template}-` } : { name }),
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
    },
    spec: {
      templates: [{ templateName: template, clusterScope: clusterScope ?? false }],
      ...(args !== undefined && { args: Object.entries(args).map(([argument, value]) => ({ name: argument, value })) }),
    },
  };
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
