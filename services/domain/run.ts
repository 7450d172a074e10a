import Type, { type Static, type TSchema } from 'typebox';
import type { Phase } from './phase.ts';
import { PHASES } from './phase.ts';
import type { Resource } from './resource.ts';
import { Argument, type Metric, MetricRule, RetentionRule, type TemplateRef } from './template.ts';

const Int32 = (description: string) => Type.Integer({ format: 'int32', description });
const Time = (description: string) => Type.String({ format: 'date-time', description });
const phase = (description: string) =>
  Type.Unsafe<Phase>({ type: 'string', description: `${description} One of ${PHASES.join(', ')}.` });
const list = <T extends TSchema>(items: T, description: string) => Type.Optional(Type.Array(items, { description }));
const text = (description: string) => Type.Optional(Type.String({ description }));
const words = (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), { description }));
const count = (description: string) => Type.Optional(Int32(description));

export const TtlStrategy = Type.Object(
  {
    secondsAfterCompletion: count('Delete this long after any completion.'),
    secondsAfterFailure: count('Delete this long after the run Failed (not Error).'),
    secondsAfterSuccess: count('Delete this long after the run was Successful.'),
  },
  { description: 'When a completed run deletes itself; absent: never.' },
);
export type TtlStrategy = Static<typeof TtlStrategy>;

export const runSpecSchema = (metric: TSchema) =>
  Type.Object({
    metrics: Type.Array(metric, { description: 'What to measure; placeholders are still in it.' }),
    args: list(Argument, 'Arguments of the run.'),
    terminate: Type.Optional(Type.Boolean({ description: 'Ask the run to stop.' })),
    dryRun: list(MetricRule, 'Metrics that only watch.'),
    measurementRetention: list(RetentionRule, 'How many measurements to keep.'),
    ttlStrategy: Type.Optional(TtlStrategy),
  });

export interface AnalysisRunSpec {
  readonly metrics: readonly Metric[];
  readonly args?: readonly Argument[];
  readonly terminate?: boolean;
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly RetentionRule[];
  readonly ttlStrategy?: TtlStrategy;
}

export const Measurement = Type.Object(
  {
    phase: phase('Phase of the measurement.'),
    message: text('Why, when it is not Successful.'),
    value: text('What was read, as text.'),
    startedAt: Type.Optional(Time('When it began.')),
    finishedAt: Type.Optional(Time('When it ended; absent while in flight.')),
    resumeAt: Type.Optional(Time('When to look again at a measurement in flight.')),
    metadata: words('What the provider noted.'),
  },
  { description: 'One reading with its phase.' },
);
/** Times are RFC 3339 in whole seconds. */
export type Measurement = Readonly<Static<typeof Measurement>>;

export const MetricResult = Type.Object(
  {
    name: Type.String({ description: 'Name of the metric after templating.' }),
    phase: phase('Phase of the metric.'),
    message: text('Message of the measurement that completed the metric.'),
    count: count('Measurements that count: successful + failed + inconclusive.'),
    successful: count('Successful measurements.'),
    failed: count('Failed measurements.'),
    inconclusive: count('Inconclusive measurements.'),
    error: count('Error measurements; they are not in count.'),
    consecutiveError: count('Error measurements in a row up to now.'),
    consecutiveSuccess: count('Successful measurements in a row up to now.'),
    dryRun: Type.Optional(Type.Boolean({ description: 'Whether the metric only watches.' })),
    metadata: words('What the provider notes of the metric, such as the resolved query.'),
    measurements: list(Measurement, 'The newest measurements.'),
  },
  { description: "A metric's tally." },
);
/** Zero, false and empty members are left out, as in Argo. */
export type MetricResult = Readonly<Omit<Static<typeof MetricResult>, 'measurements'>> & {
  readonly measurements?: readonly Measurement[];
};

export const RunSummary = Type.Object(
  {
    count: count('Metrics.'),
    successful: count('Successful metrics.'),
    failed: count('Failed metrics.'),
    inconclusive: count('Inconclusive metrics.'),
    error: count('Metrics in Error.'),
  },
  { description: "The run's tally of metrics." },
);
export type RunSummary = Readonly<Static<typeof RunSummary>>;

export const AnalysisRunStatus = Type.Object({
  phase: phase('Phase of the run.'),
  message: text('Why the run ended as it did.'),
  startedAt: Type.Optional(Time('When the first pass was assessed.')),
  completedAt: Type.Optional(Time('When the run completed through assessment.')),
  runSummary: Type.Optional(RunSummary),
  dryRunSummary: Type.Optional(RunSummary),
  metricResults: list(MetricResult, 'Results by metric; look them up by name, the order is not defined.'),
  warnings: list(
    Type.String(),
    'Where the verdict may surprise: a stopped run called Successful, for one. An extension of Assay, set when the run completes.',
  ),
});
export interface AnalysisRunStatus {
  readonly phase?: Phase | '';
  readonly message?: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly runSummary?: RunSummary;
  readonly dryRunSummary?: RunSummary;
  readonly metricResults?: readonly MetricResult[];
  /** Assay's extension: where Argo's verdict may surprise, in sentences. Set once, when the run completes. */
  readonly warnings?: readonly string[];
}

/** One execution. The document holds all its state; `spec` stays unresolved and is resolved anew each pass. */
export interface AnalysisRun extends Resource {
  readonly kind: 'AnalysisRun';
  readonly spec: AnalysisRunSpec;
  readonly status?: AnalysisRunStatus;
}

/** A run as callers may send it: templates instead of (or beside) metrics, expanded before it is stored. */
export type NewAnalysisRun = Omit<AnalysisRun, 'spec'> & {
  readonly spec: Omit<AnalysisRunSpec, 'metrics'> & {
    readonly metrics?: readonly Metric[];
    readonly templates?: readonly TemplateRef[];
  };
};
