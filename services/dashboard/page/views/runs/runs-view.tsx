import './runs.css';
import { useMemo } from 'preact/hooks';
import { useRunList } from '../../data/run-list.ts';
import type { ViewProps } from '../../view.ts';
import { filterRuns, readFilter } from './filter-runs.ts';
import { RunFilters } from './run-filters.tsx';
import { rowsOf } from './run-rows.ts';
import { RunTable } from './run-table.tsx';

export function RunsView({ query }: ViewProps) {
  const { runs: all, isComplete } = useRunList();
  const filter = useMemo(() => readFilter(query), [query]);
  const { runs, phases } = useMemo(() => filterRuns(all, filter), [all, filter]);
  const rows = useMemo(() => rowsOf(runs), [runs]);
  const namespaces = useMemo(() => [...new Set(all.map(({ namespace }) => namespace))].sort(), [all]);
  return (
    <>
      <div class="view-head">
        <h1>Analysis runs</h1>
        <p class="quiet" role="status">
          {isComplete ? countText(runs.length, all.length) : `Loading … ${all.length}`}
        </p>
      </div>
      <RunFilters filter={filter} phases={phases} namespaces={namespaces} />
      {isComplete && runs.length === 0 ? <Nothing hasRuns={all.length > 0} /> : <RunTable rows={rows} />}
    </>
  );
}

const number = new Intl.NumberFormat('en');

function countText(shown: number, all: number): string {
  return shown === all
    ? `${number.format(all)} ${all === 1 ? 'run' : 'runs'}`
    : `${number.format(shown)} of ${number.format(all)} runs`;
}

function Nothing({ hasRuns }: { readonly hasRuns: boolean }) {
  if (hasRuns)
    return (
      <p class="empty">
        No run fits. <a href="#/">Show all</a>
      </p>
    );
  return (
    <p class="empty">
      No runs yet. Create one with <code>kubectl --server {location.origin} create -f run.yaml</code> or{' '}
      <code>assay create</code>.
    </p>
  );
}
