import type { RouteOptions } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import type { Resource } from '../domain/resource.ts';
import type { AnalysisRun } from '../domain/run.ts';
import { type Selection, type Store, StoreError } from '../engine/ports.ts';
import { runKey } from '../engine/run-store.ts';
import type { DashboardDeps } from './deps.ts';
import { type EventStream, streamEvents } from './event-stream.ts';
import { read } from './route.ts';
import { detailOf } from './run-detail.ts';
import { type RunSummary, summaryOf } from './run-summary.ts';

/** A part of the list, as the event `runs` has it, on its way while the rest is read: the first throws away what was known, the last makes it complete. */
export interface RunListPart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly runs: readonly RunSummary[];
}

export function runRoutes(deps: DashboardDeps, stopping: AbortSignal): readonly RouteOptions[] {
  const { store } = deps;
  return [
    read(
      '/ui/api/runs',
      {
        operationId: 'followRuns',
        summary: 'All runs in short, and then each change as it is stored',
        types: ['text/event-stream'],
        parameters: {
          run: 'Only this run: NAMESPACE/NAME.',
          after: 'The revision up to which the page knows everything; without it the list comes first.',
        },
        example: 'event: runs\nid: 7\ndata: {"isFirst":true,"isLast":true,"runs":[]}\n\n',
      },
      async (request, reply) => {
        const { run, after = '' } = request.query as { run?: string; after?: string };
        const source = run === undefined ? allRuns(store) : oneRun(store, run);
        await streamEvents(reply, { ...deps, stopping }, (stream) =>
          tellRuns(store, source, Number.parseInt(after, 10), stream),
        );
        return reply;
      },
    ),
    read(
      '/ui/api/runs/:namespace/:name',
      {
        operationId: 'explainRun',
        summary: 'A run with its reason, and of each metric the lines of its conditions and how near its limits are',
        example: { sentence: 'Running since 2026-01-01T00:00:00Z: 3 samples; 0 of 1 metrics complete', metrics: [] },
        errors: ['NotFound'],
      },
      async (request, reply) => {
        const { namespace, name } = request.params as { namespace: string; name: string };
        const run = await store.get({ kind: 'AnalysisRun', namespace, name });
        if (run === undefined)
          throw new CallerError('not-found', `there is no run "${name}" in namespace "${namespace}"`);
        return reply
          .headers({ 'cache-control': 'no-store', 'content-type': 'application/json' })
          .send(JSON.stringify(detailOf(run as AnalysisRun)));
      },
    ),
  ];
}

/** Where a stream's runs are: as they stand, in parts, and the changes since. */
interface RunSource {
  readonly selection: Selection;
  present(): AsyncIterable<readonly Resource[]>;
}

function allRuns(store: Store): RunSource {
  const selection = { kind: 'AnalysisRun' } as const;
  return { selection, present: () => store.walk(selection) };
}

/** Read by its key: a walk would read its whole namespace. */
function oneRun(store: Store, run: string): RunSource {
  const key = runKey(run);
  return {
    selection: { kind: 'AnalysisRun', namespace: key.namespace, matches: ({ metadata }) => metadata.name === key.name },
    async *present() {
      const found = await store.get(key);
      if (found !== undefined) yield [found];
    },
  };
}

/** Goes on after a revision as long as the history reaches back to it; else, and for a store that has not got that far, the list comes anew. */
async function tellRuns(store: Store, source: RunSource, after: number, stream: EventStream): Promise<void> {
  let known = after >= 0 && after <= (await store.revision()) ? after : undefined;
  for (;;) {
    try {
      known ??= await tellList(store, source, stream);
      return await tellChanges(store, source.selection, known, stream);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'expired')) throw error;
      known = undefined;
    }
  }
}

async function tellList(store: Store, source: RunSource, { send }: EventStream): Promise<number> {
  // Read first: what changes meanwhile comes again among the changes.
  const revision = await store.revision();
  let isFirst = true;
  // Held back, since a part is known to be the last when no more come.
  let runs: readonly RunSummary[] = [];
  for await (const documents of source.present()) {
    if (documents.length === 0) continue;
    if (runs.length > 0) {
      await send('runs', { isFirst, isLast: false, runs } satisfies RunListPart);
      isFirst = false;
    }
    runs = documents.map((run) => summaryOf(run as AnalysisRun));
  }
  await send('runs', { isFirst, isLast: true, runs } satisfies RunListPart, revision);
  return revision;
}

async function tellChanges(store: Store, selection: Selection, after: number, stream: EventStream): Promise<void> {
  for await (const { type, document, revision } of store.watch(selection, after, stream.signal)) {
    const run = document as AnalysisRun;
    const { namespace = '', name } = run.metadata;
    if (type === 'DELETED') await stream.send('gone', { namespace, name }, revision);
    else await stream.send('run', summaryOf(run), revision);
  }
}
