import type { RouteOptions } from 'fastify';
import type { AnalysisRun } from '../domain/run.ts';
import { type Selection, type Store, StoreError } from '../engine/ports.ts';
import type { DashboardDeps } from './deps.ts';
import { type EventStream, streamEvents } from './event-stream.ts';
import { read } from './route.ts';
import { type RunSummary, summaryOf } from './run-summary.ts';

/** Documents read at a time: the first of a long list are on their way while the rest is read. */
const PAGE = 250;

/** A part of the list, as the event `runs` has it: the first throws away what was known, the last makes it complete. */
export interface RunListPart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly runs: readonly RunSummary[];
}

export function runRoutes(deps: DashboardDeps, stopping: AbortSignal): readonly RouteOptions[] {
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
        const { run, after } = request.query as { run?: string; after?: string };
        const selection = selectionOf(run);
        await streamEvents(reply, { ...deps, stopping }, (stream) =>
          tellRuns(deps.store, selection, Number.parseInt(after ?? '', 10), stream),
        );
        return reply;
      },
    ),
  ];
}

function selectionOf(run: string | undefined): Selection {
  if (run === undefined) return { kind: 'AnalysisRun' };
  const slash = run.indexOf('/');
  const name = run.slice(slash + 1);
  return { kind: 'AnalysisRun', namespace: run.slice(0, slash), matches: ({ metadata }) => metadata.name === name };
}

/** Goes on after a revision as long as the history reaches back to it; else, and for a store that has not got that far, the list comes anew. */
async function tellRuns(store: Store, selection: Selection, after: number, stream: EventStream): Promise<void> {
  let known = after >= 0 && after <= (await store.revision()) ? after : undefined;
  for (;;) {
    try {
      known ??= await tellList(store, selection, stream);
      return await tellChanges(store, selection, known, stream);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'expired')) throw error;
      known = undefined;
    }
  }
}

async function tellList(store: Store, selection: Selection, { send }: EventStream): Promise<number> {
  let page = await store.list(selection, { limit: PAGE });
  const { revision } = page;
  for (let isFirst = true; ; isFirst = false) {
    const runs = page.items.map((run) => summaryOf(run as AnalysisRun));
    const isLast = page.continue === undefined;
    await send('runs', { isFirst, isLast, runs } satisfies RunListPart, isLast ? revision : undefined);
    if (page.continue === undefined) return revision;
    page = await store.list(selection, { limit: PAGE, continue: page.continue });
  }
}

async function tellChanges(store: Store, selection: Selection, after: number, stream: EventStream): Promise<void> {
  for await (const { type, document, revision } of store.watch(selection, after, stream.signal)) {
    const run = document as AnalysisRun;
    const { namespace = '', name } = run.metadata;
    if (type === 'DELETED') await stream.send('gone', { namespace, name }, revision);
    else await stream.send('run', summaryOf(run), revision);
  }
}
