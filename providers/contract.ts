import type { TSchema } from 'typebox';
import type { Result } from '../services/domain/result.ts';
import type { Measurement, MetricResult } from '../services/domain/run.ts';

/**
 * What the engine and every provider agree on. A provider says what it read. It never evaluates a condition, never decides a
 * phase (a source that decides itself adds a `verdict`), retries nothing but what the client of Argo retries, and never reads the environment.
 */

export type HttpHeaders = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: HttpHeaders;
  readonly body?: string | Uint8Array;
  /** Covers connecting, redirects and the whole body. */
  readonly timeoutMs: number;
  /**
   * Go's words when the time is up: those of http.Client (`context deadline exceeded (Client.Timeout exceeded while awaiting headers)`), the default,
   * or those of a context (`context deadline exceeded`).
   */
  readonly deadline?: 'client' | 'context';
  /** Skip TLS verification. */
  readonly insecure?: boolean;
  /** A POST that only asks, so that the server may be asked twice (client_golang's Idempotency-Key, which it does not send). */
  readonly asksOnly?: true;
  /** `false` goes direct whatever proxy is set (Argo's web provider with `insecure`). */
  readonly proxy?: false;
  /** `false` takes a redirect as the answer. */
  readonly redirects?: false;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: HttpHeaders;
  readonly body: string;
}

/**
 * One guarded request: the outbound address guard, the size limit for answers and redirects (at most 10) are inside. Any status is an answer;
 * only a request without an answer throws, a ProviderError of kind `unavailable` with Go's words for it
 * (`Get "http://…": dial tcp …`, `context deadline exceeded`).
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** The run and the metric a call is made for: names for jobs and logs, times for windows. */
export interface CallContext {
  readonly run: {
    readonly uid: string;
    readonly name: string;
    readonly namespace: string;
    readonly startedAt?: string;
  };
  readonly metric: { readonly name: string; readonly interval?: string };
  /** 1 for the first measurement of the metric, count + error + 1 after that: the same until its measurement is recorded. */
  readonly attempt: number;
}

/** What a provider is given for every call; everything from outside comes through here. */
export interface ProviderCall<Query> extends CallContext {
  /** The provider's block of the metric: validated, defaults applied, arguments and secrets in place. */
  readonly query: Query;
  /** Epoch milliseconds at the start of the measurement. */
  readonly now: number;
  /** Aborts when the run's deadline passes or the process shuts down. */
  readonly signal: AbortSignal;
  readonly http: Http;
  /** For sources whose client tries again by itself. By the engine's clock; throws ProviderError when the call is given up. */
  wait(ms: number): Promise<void>;
  /** All keys of a Secret as text. Throws ProviderError `refused` with the API server's words: `secrets "x" not found`. */
  readSecret(namespace: string, name: string): Promise<Readonly<Record<string, string>>>;
  /** Where provider secrets live that are not of the run (Argo's controller namespace). */
  readonly controllerNamespace: string;
  /** A setting by the name Argo's controller knows it (`ARGO_ROLLOUTS_PROMETHEUS_ADDRESS`, `DD_API_KEY`); undefined when unset. */
  setting(name: string): string | undefined;
  /** A time expression (`now() - duration("1h")`) as epoch milliseconds. Throws Error with the language's message. */
  evaluateTime(text: string): number;
}

/** A value now. */
export interface Reading {
  /** What conditions see as `result`; absent only for sources that decide themselves. */
  readonly result?: Result;
  /** The text that is stored as the measurement's value; empty when there is none. */
  readonly value: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** CloudWatch and Graphite keep the value of a measurement whose condition cannot be evaluated; others drop it. */
  readonly keepsValueOnError?: boolean;
  /** Only from sources that decide themselves (Job, Kayenta, plugins): conditions are then not evaluated. */
  readonly verdict?: Verdict;
  /** What the reading means when the metric sets no condition (a canary judgement passes on Pass); absent: Successful, as in Argo. */
  readonly withoutConditions?: Verdict;
}

/** What a source that decides itself says. */
export interface Verdict {
  readonly phase: 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  readonly message?: string;
}

/** "Ask again with this handle": the measurement stays in flight. */
export interface Deferred {
  readonly deferred: true;
  /** Epoch milliseconds; absent: at the next pass. */
  readonly resumeAt?: number;
  /** The handle: what `resume` needs travels in here and is stored on the measurement. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly value?: string;
  readonly message?: string;
}

/** `unavailable`: no answer or a passing fault. `refused`: what was asked is wrong. `no-data`: an answer without a value. */
export type ProviderErrorKind = 'unavailable' | 'refused' | 'no-data';

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  /** Measurement metadata that is kept although the reading failed (Wavefront's warnings). */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Epoch milliseconds before which the source asked not to be called again (Retry-After). */
  readonly retryAt: number | undefined;

  constructor(
    kind: ProviderErrorKind,
    message: string,
    extra: { cause?: unknown; metadata?: Readonly<Record<string, string>>; retryAt?: number } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.kind = kind;
    this.metadata = extra.metadata;
    this.retryAt = extra.retryAt;
  }
}

/** Samples over a range, for the judge. Gaps are NaN. */
export interface Series {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Epoch milliseconds of the first value. */
  readonly startMs: number;
  readonly stepMs: number;
  readonly values: Float64Array;
  /** What was left out or repaired, in words: `newest bucket incomplete, left out`. */
  readonly notes?: readonly string[];
}

export interface SeriesRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface Provider<Query = unknown> {
  /** The member of `metric.provider` that chooses it, in Argo's spelling: `newRelic`. */
  readonly member: string;
  /** Argo's type name for logs and metrics: `NewRelic`. */
  readonly typeName: string;
  /** What users write under the member: the structural schema of the CRD, with descriptions, defaults and an example. */
  readonly schema: TSchema;
  /**
   * Whose limits a call counts against (an address, an account name), without secrets: shown in metrics and logs. Must not throw.
   */
  account(query: Query, setting: (name: string) => string | undefined): string;
  /**
   * Calls that are equal but for the clock may share one answer; absent, they may (the planner compares member, namespace and the whole resolved
   * query, so `measure` must then depend on nothing else of the run or the metric). `false` for sources with effects or a state per run (Job, Kayenta).
   */
  readonly shareable?: boolean;
  /** Noted once on the metric result (Argo's GetMetadata): the resolved query. Throws ProviderError where building the provider fails in Argo. */
  metricMetadata?(call: ProviderCall<Query>): Promise<Readonly<Record<string, string>>>;
  /** Throws ProviderError; anything else thrown is a bug. */
  measure(call: ProviderCall<Query>): Promise<Reading | Deferred>;
  /** Looks again at a measurement in flight. Absent: every measurement ends in `measure`. */
  resume?(call: ProviderCall<Query>, inFlight: Measurement): Promise<Reading | Deferred>;
  /** Ends a measurement in flight because the run stops. Absent: the measurement is left as it is. */
  cancel?(call: ProviderCall<Query>, inFlight: Measurement): Promise<Reading | Deferred>;
  /** Cleans up behind measurements that are no longer kept (old jobs). Throws ProviderError. */
  collect?(call: ProviderCall<Query>, result: MetricResult, limit: number): Promise<void>;
  /** Whether the source can be reached and lets this account in, by the cheapest question it has for that. Throws ProviderError when not. */
  check?(call: ProviderCall<Query>): Promise<void>;
  /** Samples over a range. Absent: the source cannot do ranges. */
  series?(call: ProviderCall<Query>, range: SeriesRange): Promise<readonly Series[]>;
}

/** Keeps the query type of a provider while registering it among others. */
export function defineProvider<Query>(provider: Provider<Query>): Provider {
  return provider as Provider;
}

/** What this process may do, of what an account allows all processes together. */
export interface AccountShare {
  /** Calls at once; 0 while none is had. */
  readonly places: number;
  /** Calls a second; infinite without a limit, 0 while none is had. */
  readonly requestsPerSecond: number;
  /** The pause between two calls is counted from here, too: others may have called until now. */
  readonly sinceMs: number;
  /** Nobody calls before this time. */
  readonly pausedUntilMs: number;
}

/** What this process does with an account now. */
export interface AccountNeed {
  readonly active: number;
  readonly waiting: number;
}

/** Limits of accounts that hold for several processes together. */
export interface SharedLimits {
  /**
   * What may be done now. Saying the need asks for what is missing, and gives back what is not needed; `changed` is called when there is another share. Answers at once, and
   * does not throw: whoever has no share waits.
   */
  share(
    account: string,
    limits: { readonly concurrency: number; readonly requestsPerSecond: number },
    need: AccountNeed,
    changed: () => void,
  ): AccountShare;
  /** The account asked not to be called before this time. */
  postpone(account: string, untilMs: number): void;
}
