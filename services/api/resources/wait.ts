import type { FastifyReply } from 'fastify';
import { isCompleted } from '../../domain/phase.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import { warnUnlessAborted } from './after-abort.ts';
import type { ServedKind } from './kinds.ts';
import { getObject } from './read.ts';
import { notFound } from './status.ts';

/** Proxies on the way seldom keep a silent answer open for longer. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** The run when it is completed, or as it is when the time is up, the caller leaves or the server stops. */
export async function waitForVerdict(
  deps: ApiDeps,
  kind: ServedKind,
  namespace: string | undefined,
  name: string,
  waitMs: number,
  reply: FastifyReply,
  stopping: AbortSignal,
): Promise<Resource> {
  const deadline = deps.clock.now() + Math.min(waitMs, LONGEST_WAIT_MS);
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  reply.raw.once('close', () => ended.abort());
  const timeUp = deps.clock.sleepUntil(deadline, signal).then(() => ended.abort(), warnUnlessAborted(signal, deps.log));
  try {
    for (;;) {
      const run = await getObject(deps, kind, namespace, name);
      if (isCompleted((run as AnalysisRun).status?.phase) || signal.aborted) return run;
      await nextChange(deps, kind, run, signal);
    }
  } finally {
    ended.abort();
    await timeUp;
  }
}

/** Resolves when the run has changed since, or the signal aborts. */
async function nextChange(deps: ApiDeps, kind: ServedKind, run: Resource, signal: AbortSignal): Promise<void> {
  const { namespace = '', name, resourceVersion = '0' } = run.metadata;
  const selection = { kind: kind.kind, namespace, matches: (document: Resource) => document.metadata.name === name };
  try {
    for await (const change of deps.store.watch(selection, Number(resourceVersion), signal)) {
      if (change.type === 'DELETED') throw notFound(kind, name);
      return;
    }
  } catch (error) {
    // The history begins later than this run's last change: nothing to miss, the store is asked again.
    if (!(error instanceof StoreError) || error.code !== 'expired') throw error;
    await followFromNow(deps, selection, run, signal);
  }
}

async function followFromNow(
  deps: ApiDeps,
  selection: Parameters<ApiDeps['store']['watch']>[0],
  run: Resource,
  signal: AbortSignal,
): Promise<void> {
  const from = await deps.store.revision();
  const { namespace = '', name, resourceVersion } = run.metadata;
  const now = await deps.store.get({ kind: selection.kind, namespace, name });
  if (now?.metadata.resourceVersion !== resourceVersion) return;
  for await (const _change of deps.store.watch(selection, from, signal)) return;
}
