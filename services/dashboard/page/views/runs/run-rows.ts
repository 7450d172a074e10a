import type { Phase } from '../../../../domain/phase.ts';
import type { RunSummary } from '../../../run-summary.ts';

/** A line of the list: a namespace, or a run in it. */
export type Row =
  | { readonly kind: 'namespace'; readonly namespace: string; readonly phases: ReadonlyMap<Phase, number> }
  | { readonly kind: 'run'; readonly run: RunSummary };

/** The runs as they come, with a line before each namespace. */
export function rowsOf(runs: readonly RunSummary[]): readonly Row[] {
  const rows: Row[] = [];
  let phases = new Map<Phase, number>();
  let namespace: string | undefined;
  for (const run of runs) {
    if (run.namespace !== namespace) {
      namespace = run.namespace;
      phases = new Map();
      rows.push({ kind: 'namespace', namespace, phases });
    }
    phases.set(run.phase, (phases.get(run.phase) ?? 0) + 1);
    rows.push({ kind: 'run', run });
  }
  return rows;
}

export const keyOf = (row: Row): string =>
  row.kind === 'run' ? `${row.run.namespace}/${row.run.name}` : row.namespace;
