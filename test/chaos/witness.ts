import { isDeepStrictEqual } from 'node:util';
import { isCompleted } from '../../services/domain/phase.ts';
import type { AnalysisRun, Measurement, MetricResult } from '../../services/domain/run.ts';
import type { ChaosPlan } from './chaos-runs.ts';

const nameOf = (run: AnalysisRun): string => run.metadata.name;
const versionOf = (run: AnalysisRun): number => Number(run.metadata.resourceVersion);
const finished = (result: MetricResult | undefined): readonly Measurement[] =>
  (result?.measurements ?? []).filter(({ finishedAt }) => finishedAt !== undefined);
const serialsOf = (result: MetricResult): number[] =>
  finished(result).flatMap(({ value }) => (value ? [(JSON.parse(value) as { serial: number }).serial] : []));

/** Remembers everything a server has acknowledged or shown, and throws when it ever says something else. */
export class Witness {
  readonly #plans = new Map<string, ChaosPlan>();
  readonly #seen = new Map<string, AnalysisRun>();
  /** By serial number of the source, which measurement has it. */
  readonly #recorded = new Map<number, string>();

  get acknowledged(): number {
    return this.#plans.size;
  }

  get live(): number {
    return this.#plans.size - this.completed;
  }

  /** Of the acknowledged ones: a server that dies between commit and answer has runs that nobody was promised. */
  get completed(): number {
    return [...this.#plans.keys()].filter((name) => this.isCompleted(name)).length;
  }

  isCompleted(name: string): boolean {
    return isCompleted(this.#seen.get(name)?.status?.phase);
  }

  get measurements(): number {
    return this.#recorded.size;
  }

  /** The server has said that it has this run. */
  acknowledge(run: AnalysisRun, plan: ChaosPlan): void {
    this.#plans.set(nameOf(run), plan);
    this.see(run);
  }

  /** All runs of the server, listed while nothing else was asked of it: what was seen before is not newer. */
  seeAll(runs: readonly AnalysisRun[]): void {
    const names = new Set(runs.map(nameOf));
    const missing = [...this.#plans.keys()].filter((name) => !names.has(name));
    if (missing.length > 0) throw new Error(`acknowledged runs are missing: ${missing.join(', ')}`);
    for (const run of runs) {
      const before = this.#seen.get(nameOf(run));
      if (before !== undefined && versionOf(run) < versionOf(before))
        throw contradiction('went back in time', before, run);
      this.see(run);
    }
  }

  /** One run, at any moment: answers may overtake each other. */
  see(run: AnalysisRun): void {
    const other = this.#seen.get(nameOf(run));
    if (other !== undefined && versionOf(run) < versionOf(other)) {
      compare(run, other);
      return;
    }
    if (other !== undefined) compare(other, run);
    for (const result of run.status?.metricResults ?? []) this.#checkResult(run, result);
    this.#seen.set(nameOf(run), run);
  }

  /** Every run has ended as its plan says. */
  checkEnds(): void {
    for (const [name, plan] of this.#plans) {
      const { status } = this.#seen.get(name)!;
      if (status?.phase !== plan.phase) throw new Error(`${name} ended ${status?.phase}, not ${plan.phase}`);
      if (!isDeepStrictEqual(status.runSummary, plan.summary))
        throw new Error(`${name} has summary ${JSON.stringify(status.runSummary)}`);
      for (const [metric, end] of Object.entries(plan.ends)) {
        const result = status.metricResults?.find((each) => each.name === metric);
        for (const [outcome, count] of Object.entries(end))
          if ((result?.[outcome as keyof typeof end] ?? 0) !== count)
            throw new Error(`${name}: ${outcome} of ${metric} is not ${count}: ${JSON.stringify(result)}`);
      }
    }
  }

  #checkResult(run: AnalysisRun, result: MetricResult): void {
    const place = `${nameOf(run)}, ${result.name}`;
    const { successful = 0, failed = 0, inconclusive = 0, error = 0 } = result;
    const counted = successful + failed + inconclusive + error;
    if (counted !== finished(result).length)
      throw new Error(`${place}: ${counted} measurements counted, ${finished(result).length} kept`);
    for (const [index, serial] of serialsOf(result).entries()) {
      const measurement = `${place}, measurement ${index}`;
      const known = this.#recorded.get(serial);
      if (known !== undefined && known !== measurement)
        throw new Error(`${measurement} is also ${known}\nnow    ${JSON.stringify(run)}`);
      this.#recorded.set(serial, measurement);
    }
  }
}

/** Throws unless the later of two states can follow from the earlier. */
function compare(before: AnalysisRun, now: AnalysisRun): void {
  if (before.metadata.uid !== now.metadata.uid) throw contradiction('another run has its name', before, now);
  if (isCompleted(before.status?.phase) && !isDeepStrictEqual(before.status, now.status))
    throw contradiction('changed after it completed', before, now);
  for (const earlier of before.status?.metricResults ?? []) {
    const later = now.status?.metricResults?.find((result) => result.name === earlier.name);
    const kept = finished(later).slice(0, finished(earlier).length);
    if (!isDeepStrictEqual(kept, finished(earlier)))
      throw contradiction(`a completed measurement of ${earlier.name} changed`, before, now);
  }
}

function contradiction(what: string, before: AnalysisRun, now: AnalysisRun): Error {
  return new Error(`${nameOf(now)}: ${what}\nbefore ${JSON.stringify(before)}\nnow    ${JSON.stringify(now)}`);
}
