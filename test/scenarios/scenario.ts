import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Deferred, Reading } from '../../providers/contract.ts';
import { ProviderError } from '../../providers/contract.ts';
import { durationMs } from '../../services/domain/duration.ts';
import { type Json, type Result, resultOfJson } from '../../services/domain/result.ts';
import type { AnalysisRun, NewAnalysisRun } from '../../services/domain/run.ts';
import type { AnalysisTemplate } from '../../services/domain/template.ts';
import { createRun } from '../../services/engine/create-run.ts';
import type { Store } from '../../services/engine/ports.ts';
import { terminateRun } from '../../services/engine/terminate-run.ts';
import { type Bench, engineBench, START } from '../services/engine/harness.ts';

/**
 * One life of a run: templates and a run, what its sources say from when on, what happens meanwhile, and what must come of it. Times are durations since
 * the run was created, at 2026-01-01T00:00:00Z.
 */
export interface Scenario {
  readonly scenario: string;
  readonly templates?: readonly Pick<AnalysisTemplate, 'kind' | 'metadata' | 'spec'>[];
  readonly secrets?: Readonly<Record<string, Record<string, string>>>;
  readonly run: NewAnalysisRun['spec'];
  /** By metric; a phase of the source lasts until the next begins. */
  readonly readings?: Readonly<Record<string, readonly SourcePhase[]>>;
  readonly terminateAfter?: string;
  /** How long to watch. */
  readonly until: string;
  readonly expect: Expectation;
}

/** `result` is what conditions see; `pending` keeps the measurement in flight for that long at a time. */
interface SourcePhase {
  readonly from: string;
  readonly result?: Json;
  readonly error?: string;
  readonly verdict?: 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  readonly pending?: string;
}

interface Expectation {
  readonly phase: string;
  readonly message?: string;
  readonly completedAfter?: string;
  readonly runSummary?: object;
  readonly dryRunSummary?: object;
  /** Members of metric results that matter; `measurements` as `30s Failed 0.2` or `30s Error message`. */
  readonly metrics?: Readonly<
    Record<string, { readonly measurements?: readonly string[] } & Readonly<Record<string, unknown>>>
  >;
  readonly warnings?: readonly string[];
  /** `Reason: message`, in any order. */
  readonly events?: readonly string[];
}

const FIELDS = ['scenario', 'templates', 'secrets', 'run', 'readings', 'terminateAfter', 'until', 'expect'];

/** All scenarios of this folder, by file. A field that is not one is a mistake. */
export function readScenarios(): readonly { readonly file: string; readonly scenario: Scenario }[] {
  const folder = new URL('.', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const scenarios = parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Scenario[];
      return scenarios.map((scenario) => {
        const strange = Object.keys(scenario).filter((field) => !FIELDS.includes(field));
        if (strange.length > 0)
          throw new Error(`${file}: "${scenario.scenario}" has unknown fields: ${strange.join(', ')}`);
        return { file, scenario };
      });
    });
}

/** Plays a scenario on a store, and gives what came of it in the form of its expectation. */
export async function play(scenario: Scenario, store: Store): Promise<Expectation> {
  const bench = engineBench({ store });
  for (const [name, data] of Object.entries(scenario.secrets ?? {})) bench.secrets.set(name, data);
  for (const template of scenario.templates ?? [])
    await store.create({ apiVersion: 'argoproj.io/v1alpha1', ...template } as AnalysisTemplate);
  answer(bench, scenario.readings ?? {});
  await createRun(bench.deps, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: 'run', namespace: 'default' },
    spec: scenario.run,
  });
  if (scenario.terminateAfter !== undefined) {
    await bench.runUntil(START + durationMs(scenario.terminateAfter));
    await terminateRun(bench.deps, 'default/run');
  }
  const run = await bench.runUntil(START + durationMs(scenario.until));
  return outcome(
    run,
    (await bench.events()).map(({ reason, message }) => `${reason}: ${message}`),
  );
}

function answer({ measurer }: Bench, readings: NonNullable<Scenario['readings']>): void {
  const say = ({ metric, now }: { metric: { name: string }; now: number }): Reading | Deferred => {
    const phases = readings[metric.name] ?? [];
    const phase = phases.findLast(({ from }) => START + durationMs(from) <= now);
    if (phase === undefined) throw new Error(`the scenario has no reading for ${metric.name} at ${now - START} ms`);
    if (phase.error !== undefined) throw new ProviderError('unavailable', phase.error);
    if (phase.pending !== undefined) return { deferred: true, resumeAt: now + durationMs(phase.pending) };
    if (phase.verdict !== undefined) return { value: '', verdict: { phase: phase.verdict } };
    return { result: resultOf(phase.result ?? null), value: JSON.stringify(phase.result ?? null) };
  };
  measurer.onMeasure = say;
  measurer.onResume = say;
  measurer.onCancel = () => ({ value: '', verdict: { phase: 'Inconclusive' } });
}

/** Lists of numbers are what a Prometheus vector gives; everything else is decoded JSON. */
function resultOf(value: Json): Result {
  const isVector = Array.isArray(value) && value.every((element) => typeof element === 'number');
  return isVector ? { type: '[]float64', value: value as readonly number[] } : resultOfJson(value);
}

function outcome({ status = {} }: AnalysisRun, events: readonly string[]): Expectation {
  const { phase = '', message = '', runSummary = {}, dryRunSummary = {}, warnings = [] } = status;
  const metrics = (status.metricResults ?? []).map(({ name, measurements = [], ...result }) => [
    name,
    {
      ...result,
      measurements: measurements.map(({ phase, value, message, startedAt }) =>
        [since(startedAt), phase, value ?? message].filter((word) => word).join(' '),
      ),
    },
  ]);
  return {
    phase,
    message,
    ...(status.completedAt && { completedAfter: since(status.completedAt) }),
    runSummary,
    dryRunSummary,
    metrics: Object.fromEntries(metrics),
    warnings,
    events,
  };
}

function since(time: string | undefined): string {
  return `${(Date.parse(time ?? '') - START) / 1000}s`;
}
