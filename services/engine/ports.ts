import type { CallContext, Deferred, Reading, Series, SeriesRange } from '../../providers/contract.ts';
import type { CompletedPhase, Phase } from '../domain/phase.ts';
import type { Resource } from '../domain/resource.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../domain/run.ts';
import type { ProviderSpec } from '../domain/template.ts';

/** What the engine needs from outside. Each says what happens twice, late or concurrently; the conformance suites hold every implementation to it. */

/** The kinds of the resource API. */
export type ResourceKind = 'AnalysisTemplate' | 'ClusterAnalysisTemplate' | 'AnalysisRun' | 'Event' | 'Namespace';

/** The kinds of documents a store keeps, each after those that it belongs to. Keys are kind, namespace (empty for cluster-scoped kinds) and name. */
export const KINDS = [
  'Namespace',
  'AnalysisTemplate',
  'ClusterAnalysisTemplate',
  'AnalysisRun',
  'Event',
  'Delivery',
  'Mark',
  'Judgement',
  'CanaryConfig',
  'CanaryExecution',
  'CanaryAnalysis',
  'CanaryArchive',
  'JudgeComparison',
  'MetricSetList',
  'MetricSetPairList',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Key {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** `namespace` absent: all namespaces. Predicates hold for lists and watches alike. */
export interface Selection {
  readonly kind: Kind;
  readonly namespace?: string;
  /** Pure; called on whole documents (label and field selectors become this). */
  readonly matches?: (document: Resource) => boolean;
}

export interface Page {
  readonly items: readonly Resource[];
  /** The newest revision of the whole store when the first page of this list was read. */
  readonly revision: number;
  /** Opaque; present when more is left. Throws StoreError `expired` when it is too old to go on from, `malformed` when no list gave it. */
  readonly continue?: string;
  readonly remaining?: number;
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The document after the change; for DELETED its last state with the revision of the deletion. */
  readonly document: Resource;
  /** The document before the change, for selectors that an object may enter or leave; absent for ADDED. */
  readonly previous?: Resource;
  readonly revision: number;
}

/** The selected changes, for one reader. */
export interface Watch extends AsyncIterable<Change> {
  /** What would come next, where it is there already; for readers that take several changes at once. Throws as the watch does. */
  poll(): Change | undefined;
  /** Every selected change up to this revision was handed out and dealt with. A watch that waits has passed all that the store knows, selected or not. */
  readonly revision: number;
}

export type StoreErrorCode = 'already-exists' | 'conflict' | 'not-found' | 'expired' | 'malformed' | 'unavailable';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Documents with one revision counter for the whole store. A write is acknowledged (its promise fulfilled) only when it would survive the loss of
 * the process and, as far as the medium promises it, of the machine. The store stamps `metadata.resourceVersion` (the revision as a decimal
 * string) into what it keeps and returns; everything else in the document is the caller's. Returned documents are frozen in meaning: never mutate them.
 */
export interface Store {
  get(key: Key): Promise<Resource | undefined>;
  /** In order of namespace, then name, as it stood at the page's revision: every page of one list shows the same moment. `limit` absent: everything. */
  list(selection: Selection, page?: { readonly limit?: number; readonly continue?: string }): Promise<Page>;
  /**
   * Every selected document, in the same order and in portions, each as it is when its turn comes; what is there from beginning to end comes once. For whoever
   * looks at everything now and then: unlike the pages of a list it holds no moment, so that it costs no more and never expires, however much is written meanwhile.
   */
  walk(selection: Selection): AsyncIterable<readonly Resource[]>;
  /** Throws StoreError `already-exists`. */
  create(document: Resource): Promise<Resource>;
  /** Writes only if the stored revision is still `expected`: else `conflict`, or `not-found` when it is gone. */
  replace(document: Resource, expected: string): Promise<Resource>;
  /** Removes it, if `expected` is given only at that revision. Returns the last state, stamped with the revision of the deletion. */
  remove(key: Key, expected?: string): Promise<Resource>;
  /**
   * Every change after `fromRevision` in order, none twice, none left out, until the signal aborts; with `matches`, those whose document matches before
   * or after. Throws StoreError `expired` when the history no longer reaches back that far, and when the consumer is too slow to follow. A revision that
   * the store has not reached yet is waited for.
   */
  watch(selection: Selection, fromRevision: number, signal: AbortSignal): Watch;
  /** The newest revision of the store. An empty one is at 1, so no write gets 0 or 1: clients take 0 for "any". */
  revision(): Promise<number>;
  /** Ready to take writes: resolves, or throws StoreError `unavailable` saying why. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** "Look at this run, not before dueAt." `runId` is `namespace/name`; `dueAt` epoch milliseconds. */
export interface Ticket {
  readonly runId: string;
  readonly dueAt: number;
}

/**
 * Tickets come at least once: a ticket may come twice, early, late or at two workers at once, and the run's revision decides. At most one ticket per
 * run waits; scheduling a run again keeps the earlier due time. Passes of one run never overlap within one queue.
 */
export interface Queue {
  /** A ticket that is only put aside, for when the caller dies before it schedules a sooner one, is `spare`: it may come some seconds after its time. */
  schedule(ticket: Ticket, use?: 'spare'): Promise<void>;
  /**
   * Hands due tickets to the handler, at most `concurrency` at once. What the handler answers is scheduled next; undefined: nothing. A handler that
   * throws gets the ticket again after a back-off of 1 ms … 10 s.
   */
  start(handler: TicketHandler, options: QueueLimits): void;
  /** Stops handing out, waits for the handlers under way (they see no abort), then resolves. */
  stop(): Promise<void>;
  /** Tickets that wait, and how late the most overdue one is, in milliseconds. */
  depth(): Promise<{ readonly waiting: number; readonly latenessMs: number }>;
  /** Processes that take tickets at this moment, as far as can be known. */
  workers(): Promise<number>;
}

/** Of one process. */
export interface QueueLimits {
  /** Passes at once. */
  readonly concurrency: number;
  /** Passes that begin in a second; absent or 0: as many as are due. */
  readonly passesPerSecond?: number;
}

export type TicketHandler = (ticket: Ticket) => Promise<Ticket | undefined>;

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves at the time (at once when past) or rejects with the signal's reason. */
  sleepUntil(epochMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Secrets {
  /** All keys of a Secret as text, or undefined when there is no such Secret. Read anew at every call: rotation is picked up. */
  read(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** One call to the source of a metric, with arguments and secrets in place. */
export interface MeasureCall extends CallContext {
  /** The metric's `provider` block: one member says which, its value is that provider's query. */
  readonly provider: ProviderSpec;
  /** Epoch milliseconds at the start of the call. */
  readonly now: number;
  /** Epoch milliseconds when the measurement became due, where that is known: an answer to the same question asked since then is fresh. */
  readonly dueAt?: number;
  /** Aborts at the pass' deadline and when the process shuts down. */
  readonly signal: AbortSignal;
}

/**
 * The providers, seen from the engine. Calls throw ProviderError when the source fails, and when the block names no provider or does not fit it
 * (`refused`); anything else thrown is a bug of the provider. The same attempt may come twice: after a crash between measuring and recording.
 */
export interface Measurer {
  measure(call: MeasureCall): Promise<Reading | Deferred>;
  /** Looks again at a measurement in flight; undefined leaves it as it is. */
  resume(call: MeasureCall, inFlight: Measurement): Promise<Reading | Deferred | undefined>;
  /** Ends a measurement in flight because the run stops; undefined leaves it as it is. */
  cancel(call: MeasureCall, inFlight: Measurement): Promise<Reading | Deferred | undefined>;
  /** Before measurements beyond the newest `limit` are dropped from `result`: removes what they left behind. */
  collect(call: MeasureCall, result: MetricResult, limit: number): Promise<void>;
  /**
   * What the provider notes once of the metric (the resolved query), asked when its first measurement is taken; undefined also when the provider
   * cannot be built (a bad address), since Argo then leaves it out for good. Reads providers from disk on first use, hence the promise.
   */
  metadata(call: MeasureCall): Promise<Readonly<Record<string, string>> | undefined>;
}

/** The providers that can read ranges, seen from the canary judge. Throws ProviderError, `refused` from a source that has no ranges. */
export interface SeriesReader {
  series(call: MeasureCall, range: SeriesRange): Promise<readonly Series[]>;
}

/** pino's shape. `error` means someone should act; a failing metric source is `warn`. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Hears of each status that a pass wrote, once the store has it; without `before`, of a verdict that was found written when its pass came again: the process that wrote
 * it may have died before it told anybody, so each verdict is told at least once. The pass waits for the answer: whoever needs longer than a request or two begins the
 * work and answers. Must not throw.
 */
export interface StatusListener {
  statusWritten(after: AnalysisRun, before: AnalysisRun | undefined): Promise<void>;
}

/** Numbers for operators; must not throw. */
export interface Observer {
  /** A call to a source ended; `phase` is that of the measurement, Running for one that stays in flight. */
  measured(event: { readonly provider: string; readonly phase: Phase; readonly durationMs: number }): void;
  /** A pass ended; `latenessMs` is how long after its due time it began. */
  passed(event: {
    readonly run: string;
    readonly durationMs: number;
    readonly latenessMs: number;
    readonly endedAt: number;
  }): void;
  /** A pass failed by a fault of the store or of ours; its ticket comes again. */
  passFailed(event: { readonly run: string; readonly endedAt: number }): void;
  /** An Event was made. */
  told(event: { readonly reason: string; readonly type: string }): void;
  /** A run got its verdict. */
  completed(event: { readonly run: string; readonly phase: CompletedPhase }): void;
}

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'consumer' | 'internal';
  /** A W3C traceparent; 'none' begins a trace. Without it the span goes on from the one that is active. */
  readonly parent?: string | undefined;
  /** Never secrets, and nothing that may hold one: no queries, no addresses. */
  readonly attributes?: SpanAttributes;
}
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** Runs `work` with this span active, in all that it awaits. */
  within<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  end(error?: unknown): void;
}

/** Follows one request through processes; must not throw, nor hold anybody up. Absent when nobody collects traces. */
export interface Tracer {
  start(name: string, options?: SpanOptions): Span;
  /** The active span as a W3C traceparent, for whoever goes on from it elsewhere. */
  traceparent(): string | undefined;
}
