/** Samples of one side, in time order; gaps are NaN. */
export type Samples = Float64Array | readonly number[];

/** What both sides have one of. Kayenta says control for the baseline and experiment for the canary. */
export interface Sides<T> {
  readonly control: T;
  readonly experiment: T;
}

/** One side's samples of one metric and tag set, as a metrics source gave them. */
export interface MetricSet {
  /** Name of the metric config, not of the time series. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly startTimeMillis: number;
  readonly endTimeMillis: number;
  readonly stepMillis: number;
  readonly values: Samples;
  /** What the source notes, such as `query`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Where the values of a side began and how far apart they are. */
export interface MetricSetScope {
  readonly startTimeIso: string;
  readonly startTimeMillis: number;
  readonly stepMillis: number;
}

/** Both sides of one metric and tag set, aligned: what the judge compares. */
export interface MetricSetPair {
  readonly name: string;
  readonly id?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly values: Sides<Samples>;
  /** For people and graphs; the judge looks at neither. */
  readonly scopes?: Partial<Sides<Partial<MetricSetScope>>>;
  readonly attributes?: Partial<Sides<Readonly<Record<string, string>>>>;
}
