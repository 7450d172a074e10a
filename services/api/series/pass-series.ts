import { type Family, sample } from './text-format.ts';

/** Argo's buckets, in seconds. */
const BUCKETS = [0.01, 0.15, 0.25, 0.5, 1];

export const PASS_FAMILIES = [
  { name: 'analysis_run_reconcile', type: 'histogram', help: 'Analysis Run reconciliation performance.' },
  {
    name: 'analysis_run_reconcile_error',
    type: 'counter',
    help: 'Error occurring during the analysis run.',
  },
] as const satisfies readonly Family[];

interface Passes {
  /** By bucket, the last one for what takes longer; not yet summed up. */
  readonly counts: number[];
  seconds: number;
  errors: number;
  lastAt: number;
}

/** This process' passes by run, of the runs that it passed over last. Argo's names and labels. */
export class PassSeries {
  readonly #most: number;
  readonly #keptForMs: number;
  /** The longest untouched first. */
  readonly #runs = new Map<string, Passes>();

  constructor(settings: { readonly runs: number; readonly completedForMs: number }) {
    this.#most = settings.runs;
    this.#keptForMs = settings.completedForMs;
  }

  passed(run: string, seconds: number, now: number): void {
    const passes = this.#touch(run, now);
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    passes.counts[bucket === -1 ? BUCKETS.length : bucket]! += 1;
    passes.seconds += seconds;
  }

  failed(run: string, now: number): void {
    this.#touch(run, now).errors += 1;
  }

  /** The samples of each family. */
  *lines(now: number): Generator<Readonly<Record<(typeof PASS_FAMILIES)[number]['name'], string>>> {
    for (const [run, passes] of this.#runs) {
      if (passes.lastAt <= now - this.#keptForMs) this.#runs.delete(run);
      else yield linesOf(run, passes);
    }
  }

  #touch(run: string, now: number): Passes {
    const passes = this.#runs.get(run) ?? { counts: BUCKETS.map(() => 0).concat(0), seconds: 0, errors: 0, lastAt: 0 };
    passes.lastAt = now;
    this.#runs.delete(run);
    this.#runs.set(run, passes);
    if (this.#runs.size > this.#most) this.#runs.delete(this.#runs.keys().next().value!);
    return passes;
  }
}

function linesOf(run: string, { counts, errors, seconds }: Passes) {
  const slash = run.indexOf('/');
  const labels = { namespace: run.slice(0, slash), name: run.slice(slash + 1) };
  let total = 0;
  const histogram = counts.map((count, index) => {
    total += count;
    return sample('analysis_run_reconcile_bucket', { ...labels, le: String(BUCKETS[index] ?? '+Inf') }, total);
  });
  return {
    analysis_run_reconcile:
      histogram.join('') +
      sample('analysis_run_reconcile_sum', labels, seconds) +
      sample('analysis_run_reconcile_count', labels, total),
    analysis_run_reconcile_error: errors === 0 ? '' : sample('analysis_run_reconcile_error', labels, errors),
  };
}
