import { useEffect, useState } from 'preact/hooks';
import type { RunListPart } from '../../run-routes.ts';
import type { RunSummary } from '../../run-summary.ts';
import { follow } from './follow.ts';

/** What is known of one run, live: `unknown` until the server has said something of it. */
export type KnownRun =
  | { readonly state: 'unknown' }
  | { readonly state: 'there'; readonly run: RunSummary }
  | { readonly state: 'gone' };

export function useRun(namespace: string, name: string): KnownRun {
  const id = `${namespace}/${name}`;
  const [known, setKnown] = useState<{ readonly id: string; readonly run: KnownRun }>();
  useEffect(() => {
    const set = (run: KnownRun) => setKnown({ id, run });
    return follow(
      '/ui/api/runs',
      { run: id },
      {
        runs(data) {
          const [run] = (data as RunListPart).runs;
          set(run === undefined ? { state: 'gone' } : { state: 'there', run });
        },
        run: (data) => set({ state: 'there', run: data as RunSummary }),
        gone: () => set({ state: 'gone' }),
      },
    );
  }, [id]);
  return known?.id === id ? known.run : { state: 'unknown' };
}
