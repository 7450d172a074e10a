import Type, { type Static, type TSchema } from 'typebox';
import type { Resource } from './resource.ts';

/**
 * The kinds' specs, field for field as in Argo's CRDs (argo-rollouts v1.10). Descriptions reach users through
 * `kubectl explain`, OpenAPI and editors.
 */

/** A JSON number must be an int32; a string is read in base 10, and what does not read counts as 0 (see int-or-string.ts). */
const IntOrString = (description: string) =>
  Type.Unsafe<number | string>({ 'x-kubernetes-int-or-string': true, description });
const Int32 = (description: string) => Type.Integer({ format: 'int32', description });
const text = (description: string) => Type.String({ description });

export const Argument = Type.Object(
  {
    name: text('Name that {{args.NAME}} refers to.'),
    value: Type.Optional(text('Literal value. Quote numbers: value is a string.')),
    valueFrom: Type.Optional(
      Type.Object(
        {
          secretKeyRef: Type.Optional(
            Type.Object(
              { name: text('Name of the Secret.'), key: text('Key in the Secret.') },
              { description: "A key of a Secret in the run's namespace, read at every pass that measures." },
            ),
          ),
          fieldRef: Type.Optional(
            Type.Object(
              { fieldPath: text('Path of the field.') },
              { description: 'Accepted as in Argo, and resolved only for arguments that a Rollout passes.' },
            ),
          ),
        },
        { description: 'Where the value comes from when it is not literal.' },
      ),
    ),
  },
  { description: 'An argument that {{args.NAME}} placeholders in metrics refer to.' },
);
export type Argument = Static<typeof Argument>;

const metricFields = {
  name: text('Name of the metric, unique in the run.'),
  interval: Type.Optional(
    text('Time between measurements, a Go duration such as 30s or 5m. Needed when count is above 1.'),
  ),
  initialDelay: Type.Optional(text('Wait before the first measurement, counted from the start of the run.')),
  count: Type.Optional(
    IntOrString('How many measurements to take. Absent or 0: one without interval, endless with one.'),
  ),
  successCondition: Type.Optional(text('Expression over result that makes a measurement Successful.')),
  failureCondition: Type.Optional(text('Expression over result that makes a measurement Failed.')),
  failureLimit: Type.Optional(
    IntOrString('Failed measurements that are tolerated; -1 tolerates any number. Default 0.'),
  ),
  inconclusiveLimit: Type.Optional(IntOrString('Inconclusive measurements that are tolerated. Default 0.')),
  consecutiveErrorLimit: Type.Optional(IntOrString('Error measurements in a row that are tolerated. Default 4.')),
  consecutiveSuccessLimit: Type.Optional(
    IntOrString('Successful measurements in a row that complete the metric; 0 switches it off. Default 0.'),
  ),
};

/** `provider` is the union of what the registry knows; its schema is passed in, since only main.ts knows the providers. */
export const metricSchema = <Provider extends TSchema>(provider: Provider) =>
  Type.Object({ ...metricFields, provider }, { description: 'One thing to measure, with its conditions and limits.' });

/** Exactly one member says which provider; its value is the part that only this provider understands. */
export type ProviderSpec = Readonly<Record<string, unknown>>;
export const Metric = metricSchema(Type.Unsafe<ProviderSpec>({ type: 'object' }));
export type Metric = Static<typeof Metric>;

export const MetricRule = Type.Object(
  { metricName: text('Regular expression (RE2, unanchored) on metric names.') },
  { description: 'Metrics that are measured but never change the verdict.' },
);
export type MetricRule = Static<typeof MetricRule>;

export const RetentionRule = Type.Object(
  {
    metricName: text('Regular expression (RE2, unanchored) on metric names.'),
    limit: Int32('Measurements to keep; 0 or less keeps the default of 10.'),
  },
  { description: 'How many measurements to keep for the metrics that match; the last matching rule wins.' },
);
export type RetentionRule = Static<typeof RetentionRule>;

export const TemplateRef = Type.Object(
  {
    templateName: Type.Optional(text('Name of the template.')),
    clusterScope: Type.Optional(Type.Boolean({ description: 'Whether it is a ClusterAnalysisTemplate.' })),
  },
  { description: 'Another template whose metrics are added.' },
);
export type TemplateRef = Static<typeof TemplateRef>;

const list = <T extends TSchema>(items: T, description: string) => Type.Optional(Type.Array(items, { description }));

export const templateSpecSchema = (metric: TSchema) =>
  Type.Object({
    metrics: list(metric, 'What to measure.'),
    args: list(Argument, 'Declared arguments, with optional defaults.'),
    dryRun: list(MetricRule, 'Metrics that only watch.'),
    measurementRetention: list(RetentionRule, 'How many measurements to keep.'),
    templates: list(TemplateRef, 'Templates to add.'),
  });

export interface AnalysisTemplateSpec {
  readonly metrics?: readonly Metric[];
  readonly args?: readonly Argument[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly RetentionRule[];
  readonly templates?: readonly TemplateRef[];
}

export interface AnalysisTemplate extends Resource {
  readonly kind: 'AnalysisTemplate' | 'ClusterAnalysisTemplate';
  readonly spec: AnalysisTemplateSpec;
}
