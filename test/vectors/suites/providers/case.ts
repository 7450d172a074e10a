import type { Measurement, MetricResult } from '../../../../services/domain/run.ts';

/** A case of a provider file, as the README beside the data describes it. Only what every dialect has is typed; the rest is the dialect's. */
export interface Case {
  readonly name: string;
  readonly dialect: 'argo' | 'docs' | 'flagger' | 'kayenta' | 'keptn' | 'pipecd';
  readonly now?: string;
  /** Flagger's reachability check instead of a query. */
  readonly op?: 'isOnline';
  readonly spec: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly data: Readonly<Record<string, string>>;
  }[];
  readonly controllerNamespace?: string;
  readonly analysisNamespace?: string;
  readonly metric?: Readonly<Record<string, string>>;
  readonly metricName?: string;
  readonly run?: {
    readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly uid?: string };
    readonly startedAt?: string;
    readonly status?: { readonly startedAt?: string };
  };
  readonly metricResult?: Partial<MetricResult>;
  readonly measurement?: Measurement;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly exchanges?: readonly Exchange[];
  readonly steps?: readonly Step[];
  /** Absent from a case with steps, each of which has its own. */
  readonly expect?: Expect;
}

export interface Step {
  readonly op: 'run' | 'resume' | 'terminate' | 'garbageCollect';
  readonly limit?: number;
  readonly exchanges: readonly Exchange[];
  readonly expect: Expect;
}

export type Expect = Readonly<Record<string, unknown>>;

export interface Exchange {
  readonly request: ExpectedRequest;
  readonly times?: number;
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly delayMs?: number;
  };
}

export interface ExpectedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly pathAnyOf?: readonly string[];
  readonly query?: Readonly<Record<string, unknown>>;
  readonly queryMatch?: 'subset';
  readonly headers?: Readonly<Record<string, string>>;
  readonly headerPatterns?: Readonly<Record<string, string>>;
  readonly absentHeaders?: readonly string[];
  readonly body?: {
    readonly json?: unknown;
    readonly form?: Readonly<Record<string, string>>;
    readonly text?: string;
    readonly match?: 'subset';
    readonly absent?: readonly string[];
  };
  readonly bodyPatterns?: readonly string[];
  readonly deleteOptions?: Readonly<Record<string, unknown>>;
}

/** Puts the test server's address in: `${SERVER}` its URL, `${SERVER_HOST}` its host and port. */
export function atServer<T>(value: T, url: string, host = new URL(url).host): T {
  return JSON.parse(JSON.stringify(value).replaceAll('${SERVER_HOST}', host).replaceAll('${SERVER}', url)) as T;
}

/** A value as the files write it: what JSON has no number for is text. */
export function inFile(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
  return Array.isArray(value) ? value.map(inFile) : value;
}
