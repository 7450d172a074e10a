import { reasonOf } from '../analysis/reason.ts';
import type { Phase } from '../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';
import { madeFrom } from '../engine/made-from.ts';
import type { Key, Store } from '../engine/ports.ts';
import { releaseOf } from './release-of.ts';

/** What a template's runs came to: its history, and with the metrics a heatmap of them by release. */
export interface TemplateHistory {
  /** Runs that are stored. */
  readonly total: number;
  /** Newest first, and no more than were asked for. */
  readonly runs: readonly PastRun[];
}

export interface PastRun {
  readonly namespace: string;
  readonly name: string;
  readonly release: string;
  readonly phase: Phase;
  /** RFC 3339, like all times here. */
  readonly createdAt?: string;
  readonly completedAt?: string;
  /** Why it ended so. */
  readonly sentence: string;
  readonly metrics: readonly PastMetric[];
}

export interface PastMetric {
  readonly name: string;
  readonly phase: Phase;
  readonly isDryRun?: true;
  /** The last value that was read, as it is stored. */
  readonly value?: string;
  /** Of a judged metric: 0 … 100. */
  readonly score?: number;
  readonly message?: string;
}

/** A verdict in a list of templates. */
export interface PastVerdict extends Pick<PastRun, 'namespace' | 'name' | 'phase' | 'createdAt'> {}

/** So many more than are wanted come together before they are sorted. */
const UNSORTED = 250;
/** A cell shows a number; who wants the rest of a long text opens the run. */
const LONGEST_TEXT = 300;

export async function templateHistory(store: Store, template: Key, limit: number): Promise<TemplateHistory> {
  const newest = new Newest(limit);
  for await (const run of storedRuns(store, template.namespace)) {
    const isOurs = madeFrom(run).some((key) => keyText(key) === keyText(template));
    if (isOurs) newest.add(run);
  }
  return { total: newest.total, runs: newest.runs().map(pastRun) };
}

/** The newest verdicts of every template, in one look at all runs; by `keyText`. */
export async function newestVerdicts(
  store: Store,
  limit: number,
): Promise<ReadonlyMap<string, { readonly total: number; readonly verdicts: readonly PastVerdict[] }>> {
  const byTemplate = new Map<string, Newest>();
  for await (const run of storedRuns(store, '')) {
    for (const key of madeFrom(run)) {
      const newest = byTemplate.get(keyText(key)) ?? new Newest(limit);
      byTemplate.set(keyText(key), newest);
      newest.add(run);
    }
  }
  return new Map(
    [...byTemplate].map(([key, newest]) => [key, { total: newest.total, verdicts: newest.runs().map(pastVerdict) }]),
  );
}

export const keyText = ({ kind, namespace, name }: Key): string => `${kind}/${namespace}/${name}`;

/** Of one namespace, or of all. */
async function* storedRuns(store: Store, namespace: string): AsyncGenerator<AnalysisRun> {
  const selection = { kind: 'AnalysisRun', ...(namespace !== '' && { namespace }) } as const;
  for await (const portion of store.walk(selection)) yield* portion as readonly AnalysisRun[];
}

/** The newest of many runs that come in any order, without keeping the many. */
class Newest {
  readonly #limit: number;
  #runs: AnalysisRun[] = [];
  total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(run: AnalysisRun): void {
    this.total += 1;
    this.#runs.push(run);
    if (this.#runs.length > 2 * this.#limit + UNSORTED) this.#runs = this.runs();
  }

  runs(): AnalysisRun[] {
    return this.#runs.toSorted((a, b) => createdAt(b) - createdAt(a)).slice(0, this.#limit);
  }
}

function createdAt({ metadata }: AnalysisRun): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

function pastVerdict({ metadata, status }: AnalysisRun): PastVerdict {
  const { name, namespace = '', creationTimestamp } = metadata;
  return {
    namespace,
    name,
    phase: status?.phase || 'Pending',
    ...(creationTimestamp && { createdAt: creationTimestamp }),
  };
}

function pastRun(run: AnalysisRun): PastRun {
  const { completedAt, metricResults = [] } = run.status ?? {};
  return {
    ...pastVerdict(run),
    release: releaseOf(run),
    ...(completedAt && { completedAt }),
    sentence: reasonOf(run).sentence,
    metrics: metricResults.map(pastMetric),
  };
}

function pastMetric({ name, phase, dryRun, message, measurements = [] }: MetricResult): PastMetric {
  const last = measurements.findLast(({ value }) => value);
  // Only a judge notes a classification; the value beside it is the score.
  const score = last?.metadata?.['classification'] === undefined ? Number.NaN : Number(last.value);
  return {
    name,
    phase,
    ...(dryRun && { isDryRun: true }),
    ...(last?.value && { value: shortened(last.value) }),
    ...(Number.isFinite(score) && { score }),
    ...(message && { message: shortened(message) }),
  };
}

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text;
}
