import { randomBytes, randomUUID } from 'node:crypto';
import { tooMany } from '../admission/cause.ts';
import { MAX_METRICS } from '../admission/kind-schemas.ts';
import { newObjectMeta } from '../admission/object-meta.ts';
import { type CollectedTemplates, collectTemplates, TemplateRefError } from '../analysis/collect-templates.ts';
import { newRun } from '../analysis/new-run.ts';
import { CallerError } from '../domain/errors.ts';
import type { ObjectMeta } from '../domain/resource.ts';
import type { AnalysisRun, NewAnalysisRun } from '../domain/run.ts';
import type { AnalysisTemplate, AnalysisTemplateSpec } from '../domain/template.ts';
import type { EngineDeps } from './deps.ts';
import { notingTemplates } from './made-from.ts';
import { type Store, StoreError } from './ports.ts';
import { runIdOf } from './run-store.ts';
import { scheduleRun } from './schedule-run.ts';
import { TRACEPARENT, traced } from './traced.ts';

/** Names drawn for one `generateName` before the caller is told: with five random letters a second one is already rare. */
const MOST_DRAWS = 8;

/**
 * A process may die, or lose its queue, after it has stored a run and before it has scheduled it. So a spare ticket is put aside first, for when the store must have answered;
 * the ticket for now then takes its place. That of a run that was not stored after all costs one look.
 */
const SPARE_AFTER_MS = 10_000;

type CreateDeps = Pick<EngineDeps, 'store' | 'queue' | 'clock' | 'tracer'>;

/**
 * Stores a run and schedules its first pass. `spec.templates` are expanded here and nowhere later, as a Rollout's are: what is stored is frozen. Throws
 * CallerError `invalid` (a template that is missing or refers to itself, clashing names, an argument that nobody fills) and StoreError
 * `already-exists`.
 */
export async function createRun(deps: CreateDeps, given: NewAnalysisRun): Promise<AnalysisRun> {
  return traced(deps.tracer, 'create run', {}, async (span) => {
    const stored = await store(deps, traceable(deps, await expandTemplates(deps.store, given)));
    span?.set({ 'assay.run': runIdOf(stored) });
    await scheduleRun(deps, stored);
    return stored;
  });
}

/** Its passes belong to the trace that it is created in. */
function traceable({ tracer }: CreateDeps, run: AnalysisRun): AnalysisRun {
  const traceparent = tracer?.traceparent();
  if (traceparent === undefined) return run;
  const annotations = { ...run.metadata.annotations, [TRACEPARENT]: traceparent };
  return { ...run, metadata: { ...run.metadata, annotations } };
}

/** What would be stored, with templates expanded and arguments merged: for a dry run. Throws as `createRun`. */
export async function expandTemplates(store: Store, given: NewAnalysisRun): Promise<AnalysisRun> {
  const { templates: refs, ...own } = given.spec;
  if (refs === undefined || refs.length === 0)
    return { ...given, spec: { ...own, metrics: own.metrics ?? [] } } as AnalysisRun;
  const collected = await collect(store, given.metadata.namespace ?? '', refs);
  const spec = { ...own, ...combinedSpec(given, collected) };
  if (spec.metrics.length > MAX_METRICS) {
    const cause = tooMany('spec.metrics', spec.metrics.length, MAX_METRICS);
    throw new CallerError('invalid', `${cause.field}: ${cause.message}`, [cause]);
  }
  const metadata = notingTemplates(given.metadata, [...collected.templates, ...collected.clusterTemplates]);
  return { ...given, metadata, spec };
}

function combinedSpec({ metadata, spec }: NewAnalysisRun, collected: CollectedTemplates): AnalysisRun['spec'] {
  const { args, dryRun, measurementRetention } = spec;
  try {
    return newRun({
      metadata,
      ...withOwnMetrics(collected, spec),
      ...(args && { args }),
      ...(dryRun && { dryRun }),
      ...(measurementRetention && { measurementRetention }),
    }).spec;
  } catch (error) {
    throw invalid('spec.templates', (error as Error).message);
  }
}

async function collect(
  store: Store,
  namespace: string,
  refs: NonNullable<NewAnalysisRun['spec']['templates']>,
): Promise<CollectedTemplates> {
  const find = async (ref: { templateName: string; clusterScope: boolean }) => {
    const key = ref.clusterScope
      ? { kind: 'ClusterAnalysisTemplate' as const, namespace: '', name: ref.templateName }
      : { kind: 'AnalysisTemplate' as const, namespace, name: ref.templateName };
    return (await store.get(key)) as AnalysisTemplate | undefined;
  };
  try {
    return await collectTemplates(refs, find);
  } catch (error) {
    if (!(error instanceof TemplateRefError)) throw error;
    throw invalid(`spec.templates[${error.index}]`, error.message);
  }
}

/** Metrics beside templates count as one more template, before the others; it declares the arguments that no template does, so that they are not dropped. */
function withOwnMetrics(
  collected: CollectedTemplates,
  own: Omit<NewAnalysisRun['spec'], 'templates'>,
): CollectedTemplates {
  if (own.metrics === undefined || own.metrics.length === 0) return collected;
  const declared = [...collected.templates, ...collected.clusterTemplates].flatMap(({ spec }) => spec.args ?? []);
  const spec: AnalysisTemplateSpec = {
    metrics: own.metrics,
    args: (own.args ?? []).filter((arg) => !declared.some(({ name }) => name === arg.name)),
  };
  const inline = { spec } as AnalysisTemplate;
  return { ...collected, templates: [inline, ...collected.templates] };
}

async function store(deps: CreateDeps, run: AnalysisRun): Promise<AnalysisRun> {
  // Metadata with a uid is the server's own already.
  if (run.metadata.uid !== undefined) return insured(deps, run);
  for (let draw = 1; ; draw += 1) {
    try {
      return await insured(deps, { ...run, metadata: bornMetadata(deps, run.metadata) });
    } catch (error) {
      const isTaken = error instanceof StoreError && error.code === 'already-exists';
      if (!isTaken || run.metadata.name || draw === MOST_DRAWS) throw error;
    }
  }
}

/** Stored, or not, it has a ticket: whatever happens between here and the first pass, nobody has to look for runs without one. */
async function insured({ store, queue, clock }: CreateDeps, run: AnalysisRun): Promise<AnalysisRun> {
  await queue.schedule({ runId: runIdOf(run), dueAt: clock.now() + SPARE_AFTER_MS }, 'spare');
  return (await store.create(run)) as AnalysisRun;
}

function bornMetadata({ clock }: CreateDeps, sent: ObjectMeta): ObjectMeta {
  const { metadata, causes } = newObjectMeta(sent, {
    namespace: sent.namespace ?? 'default',
    now: clock.now(),
    uid: randomUUID(),
    random: randomBytes(8),
  });
  if (causes.length > 0)
    throw new CallerError('invalid', causes.map(({ field, message }) => `${field}: ${message}`).join(', '), causes);
  return metadata;
}

function invalid(field: string, message: string): CallerError {
  return new CallerError('invalid', `${field}: ${message}`, [{ field, message }]);
}
