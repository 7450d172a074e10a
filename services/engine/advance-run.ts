import { type Conclusion, concludePass, endedEarly, isSameStatus } from '../analysis/conclude-pass.ts';
import { type DueTask, dueTasks, resultOf } from '../analysis/due.ts';
import { secretMask } from '../analysis/mask-secrets.ts';
import { type MeasurableMetrics, type RunPlan, type SpecFault, withSecretsResolved } from '../analysis/plan-run.ts';
import { reasonOf } from '../analysis/reason.ts';
import { METRIC_TERMINATED, recordMeasurement } from '../analysis/record-measurement.ts';
import type { SecretData } from '../analysis/resolve-arguments.ts';
import type { RunEvent } from '../analysis/run-event.ts';
import { isTerminating } from '../analysis/terminating.ts';
import { isCompleted } from '../domain/phase.ts';
import type { AnalysisRun, MetricResult } from '../domain/run.ts';
import type { EngineDeps } from './deps.ts';
import { emitEvents } from './emit-events.ts';
import { expireRun } from './expire-run.ts';
import { expiryTicket, nextTicket } from './next-ticket.ts';
import { untilAborted, withinPassLimit } from './pass-deadline.ts';
import { plansOf } from './plan-cache.ts';
import type { Ticket } from './ports.ts';
import { loadRun, runIdOf, saveStatus } from './run-store.ts';
import { type TakenAt, takeMeasurement } from './take-measurement.ts';
import { TRACEPARENT, traced } from './traced.ts';
import { trimResults } from './trim-results.ts';

/** A pass' outcome before it is written. */
interface Passed extends Conclusion {
  /** What the next look is counted from, by metric. */
  readonly exact: ReadonlyMap<string, number>;
  readonly taken: readonly TakenAt[];
}

/**
 * One pass over one run, in the order of Argo's controller: resolve the spec, choose what is due, read secrets, measure in parallel, record, assess, trim,
 * write, tell. Returns when the run is to be looked at next, or undefined: never. A pass may come twice, early or late: what is not due is not measured, and
 * only one of two passes over the same revision is written. Rejects when the store fails or the process shuts down; nothing is then written.
 */
export async function advanceRun(deps: EngineDeps, ticket: Ticket): Promise<Ticket | undefined> {
  const beganAt = deps.clock.now();
  const run = await loadRun(deps.store, ticket);
  if (run === undefined || run.metadata.deletionTimestamp !== undefined) return undefined;
  if (isCompleted(run.status?.phase)) {
    await tellListeners(deps, run, undefined);
    return expireRun(deps, run);
  }

  const lateness = Math.max(0, beganAt - ticket.dueAt);
  const options = {
    kind: 'consumer' as const,
    parent: run.metadata.annotations?.[TRACEPARENT] ?? 'none',
    attributes: { 'assay.run': ticket.runId, 'assay.lateness_ms': lateness },
  };
  return traced(deps.tracer, 'pass', options, () => advance(deps, run, ticket, beganAt));
}

async function advance(
  deps: EngineDeps,
  run: AnalysisRun,
  ticket: Ticket,
  beganAt: number,
): Promise<Ticket | undefined> {
  const plan = plansOf(deps.store).of(run);
  const passed = await withinPassLimit(deps, (signal) => pass(deps, run, plan, ticket, signal));
  const written = isSameStatus(run.status, passed.status) ? run : await write(deps, run, passed.status);
  // The status has moved on without us, or the run is gone: what was measured here is forgotten, and the next pass goes on from what is stored.
  if (written === undefined) {
    await endOrphans(deps, run, passed.taken);
    return { runId: ticket.runId, dueAt: deps.clock.now() };
  }

  if (written !== run) await tellListeners(deps, written, run);
  await tell(deps, written, plan, passed.events);
  const endedAt = deps.clock.now();
  deps.observer?.passed({
    run: ticket.runId,
    durationMs: endedAt - beganAt,
    latenessMs: Math.max(0, beganAt - ticket.dueAt),
    endedAt,
  });
  return ticketAfter(deps, run, written, plan, passed);
}

function write({ store, tracer }: EngineDeps, run: AnalysisRun, status: Conclusion['status']) {
  const attributes = { 'assay.phase': status.phase ?? '' };
  return traced(tracer, 'write status', { kind: 'client', attributes }, () => saveStatus(store, run, status));
}

async function pass(
  deps: EngineDeps,
  run: AnalysisRun,
  plan: RunPlan | SpecFault,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<Passed> {
  if ('fault' in plan) return { ...endedEarly(run, plan.fault), exact: new Map(), taken: [] };
  const tasks = dueTasks(run, plan.metrics, deps.clock.now());
  const measurable = await resolveSecrets(deps, run, plan, signal);
  if ('fault' in measurable) return { ...endedEarly(run, measurable.fault), exact: new Map(), taken: [] };

  const taken = await measure(deps, run, plan, ticket, tasks, measurable, signal);
  const results = taken.reduce(
    (recorded, measurement) => recordMeasurement(recorded, measurement, plan.dryRun),
    run.status?.metricResults ?? [],
  );
  const now = deps.clock.now();
  const { status, events } = concludePass(run, plan, results, now);
  const trimmed = await trimResults(deps, run, status.metricResults ?? [], plan, measurable, signal);
  const exact = new Map<string, number>();
  if (run.status?.startedAt === undefined) for (const { name } of plan.metrics) exact.set(name, now);
  for (const each of taken) if (each.exact !== undefined) exact.set(each.metricName, each.exact);
  return { status: trimmed.length === 0 ? status : { ...status, metricResults: trimmed }, events, exact, taken };
}

/**
 * What this pass began (a Job) of a run that is over or gone meanwhile, and that nobody has recorded: no later pass will know of it. That of a run that goes
 * on is found again by its attempt.
 */
async function endOrphans(deps: EngineDeps, run: AnalysisRun, taken: readonly TakenAt[]): Promise<void> {
  const begun = taken.filter(({ cancel }) => cancel !== undefined);
  if (begun.length === 0) return;
  const stored = await loadRun(deps.store, { runId: runIdOf(run) });
  const isSame = stored !== undefined && stored.metadata.uid === run.metadata.uid;
  if (isSame && !isCompleted(stored.status?.phase)) return;
  const orphans = begun.filter((each) => !isSame || !isRecorded(stored, each));
  await Promise.all(
    orphans.map(({ cancel, metricName }) =>
      cancel!().catch((error: Error) =>
        deps.log.warn(
          { run: runIdOf(run), metric: metricName, error: error.message },
          'a measurement was left in flight',
        ),
      ),
    ),
  );
}

/** By its handle. One that was ended with its run has nothing left at the source: what is there now came later. */
function isRecorded(run: AnalysisRun, { metricName, measurement }: TakenAt): boolean {
  const handle = Object.entries(measurement.metadata ?? {});
  return (resultOf(run, metricName)?.measurements ?? []).some(
    ({ message, metadata }) =>
      message !== METRIC_TERMINATED && handle.every(([name, value]) => metadata?.[name] === value),
  );
}

/** Reads all Secrets that the arguments name, due or not: one that is missing or cannot be read ends the run, as it does in Argo. */
async function resolveSecrets(
  deps: EngineDeps,
  run: AnalysisRun,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<MeasurableMetrics | SpecFault> {
  const namespace = run.metadata.namespace ?? '';
  const read = new Map<string, SecretData | undefined>();
  for (const name of plan.secretNames) {
    try {
      read.set(name, await untilAborted(deps.secrets.read(namespace, name), signal));
    } catch (error) {
      signal.throwIfAborted();
      return { fault: `Unable to resolve metric arguments: ${(error as Error).message}` };
    }
  }
  return withSecretsResolved(run.spec, plan, (name) => read.get(name));
}

/** Takes everything that is due at once, in the order in which it ends. */
async function measure(
  deps: EngineDeps,
  run: AnalysisRun,
  plan: RunPlan,
  ticket: Ticket,
  tasks: readonly DueTask[],
  { metrics, secrets }: MeasurableMetrics,
  signal: AbortSignal,
): Promise<readonly TakenAt[]> {
  if (tasks.length === 0) return [];
  const mask = secretMask(secrets);
  const terminating = isTerminating(run);
  const taken: TakenAt[] = [];
  await Promise.all(
    tasks.map(async (due) => {
      const result = resultOf(run, due.metric.name);
      // The stored time may be up to a second early; the ticket knows better.
      const dueAt = Math.max(ticket.dueAt, due.dueAt ?? ticket.dueAt);
      const call = { run: calledRun(run), attempt: attemptOf(result), dueAt, signal };
      const metric = metrics[plan.metrics.indexOf(due.metric)] ?? due.metric;
      taken.push(await takeMeasurement(deps, { due, metric, call, terminating, isFirst: result === undefined, mask }));
    }),
  );
  return taken;
}

function calledRun({ metadata, status }: AnalysisRun) {
  const { uid = '', name, namespace = '' } = metadata;
  return { uid, name, namespace, ...(status?.startedAt !== undefined && { startedAt: status.startedAt }) };
}

/** Stays the same until the measurement is recorded, whatever dies in between. */
function attemptOf(result: MetricResult | undefined): number {
  return (result?.count ?? 0) + (result?.error ?? 0) + 1;
}

async function tellListeners(
  { listeners = [] }: EngineDeps,
  after: AnalysisRun,
  before: AnalysisRun | undefined,
): Promise<void> {
  for (const listener of listeners) await listener.statusWritten(after, before);
}

async function tell(
  deps: EngineDeps,
  run: AnalysisRun,
  plan: RunPlan | SpecFault,
  events: readonly RunEvent[],
): Promise<void> {
  const { phase } = run.status ?? {};
  if (!isCompleted(phase)) return emitEvents(deps, run, events);
  const reason = reasonOf(run, 'fault' in plan ? undefined : plan.metrics);
  const { metric, value, threshold, samples, since, sentence } = reason;
  await emitEvents(deps, run, events, sentence);
  deps.observer?.completed({ run: runIdOf(run), phase });
  deps.log.info(
    { run: runIdOf(run), phase, metric, value, threshold: threshold?.text, samples, since, reason: sentence },
    'run completed',
  );
}

function ticketAfter(
  deps: EngineDeps,
  read: AnalysisRun,
  written: AnalysisRun,
  plan: RunPlan | SpecFault,
  { exact }: Passed,
): Ticket | undefined {
  const now = deps.clock.now();
  if (isCompleted(written.status?.phase) || 'fault' in plan) {
    plansOf(deps.store).drop(written);
    return expiryTicket(written);
  }
  // Somebody changed the spec while we measured: it counts from now on.
  const isSpecOurs = written.spec === read.spec || JSON.stringify(written.spec) === JSON.stringify(read.spec);
  if (!isSpecOurs) return { runId: runIdOf(written), dueAt: now };
  plansOf(deps.store).keep(written, plan);
  return nextTicket(written, plan, now, exact);
}
