import { useEffect, useState } from 'preact/hooks';
import type { RunListPart } from '../../run-routes.ts';
import type { RunSummary } from '../../run-summary.ts';
import { follow } from './follow.ts';

/** What is known of the runs. A new one at each change, so that it can be compared. */
export interface RunList {
  readonly runs: readonly RunSummary[];
  /** False while the list is still coming in. */
  readonly isComplete: boolean;
}

const runs = new Map<string, RunSummary>();
const listeners = new Set<() => void>();
let list: RunList = { runs: [], isComplete: false };
let isFollowed = false;
let isUpdatePlanned = false;

const idOf = ({ namespace, name }: Pick<RunSummary, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** Many changes between two frames are one update. */
function changed(): void {
  if (isUpdatePlanned) return;
  isUpdatePlanned = true;
  requestAnimationFrame(() => {
    isUpdatePlanned = false;
    list = { ...list, runs: [...runs.values()] };
    for (const listener of listeners) listener();
  });
}

function start(): void {
  if (isFollowed) return;
  isFollowed = true;
  follow(
    '/ui/api/runs',
    {},
    {
      runs(data) {
        const part = data as RunListPart;
        if (part.isFirst) runs.clear();
        for (const run of part.runs) runs.set(idOf(run), run);
        list = { ...list, isComplete: part.isLast };
        // For whoever measures the page.
        if (part.isLast) requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('runs-complete')));
        // The parts in between would each be sorted and drawn for a blink.
        if (part.isFirst || part.isLast) changed();
      },
      run(data) {
        const run = data as RunSummary;
        runs.set(idOf(run), run);
        changed();
      },
      gone(data) {
        runs.delete(idOf(data as RunSummary));
        changed();
      },
    },
  );
}

/** All runs, live. Once asked for they are followed for as long as the page is there, so that going back to them costs nothing. */
export function useRunList(): RunList {
  const [shown, setShown] = useState(list);
  useEffect(() => {
    start();
    const update = () => setShown(list);
    listeners.add(update);
    update();
    return () => void listeners.delete(update);
  }, []);
  return shown;
}
