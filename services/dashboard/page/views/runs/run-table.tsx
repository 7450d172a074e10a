import type { TargetedKeyboardEvent } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useVirtualRows } from '../../data/virtual-rows.ts';
import { useMedia } from '../../media.ts';
import { NamespaceRow, RunRow } from './run-row.tsx';
import { keyOf, type Row } from './run-rows.ts';

/** The heights of runs.css. A run with a reason has a line more. */
const HEIGHTS = {
  wide: { namespace: 44, plain: 38, explained: 54 },
  narrow: { namespace: 44, plain: 60, explained: 82 },
};

/** Thousands of rows, of which those near the window exist. Arrow keys go from run to run. */
export function RunTable({ rows }: { readonly rows: readonly Row[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const heights = useMedia('(max-width: 48rem)') ? HEIGHTS.narrow : HEIGHTS.wide;
  const [focused, setFocused] = useState<string>();
  const wanted = useRef<number>(undefined);
  const sizeOf = useCallback((index: number) => heights[shapeOf(rows[index])], [heights, rows]);
  const at = focused === undefined ? -1 : rows.findIndex((row) => keyOf(row) === focused);
  const { items, totalSize, scrollTo } = useVirtualRows(body, rows.length, sizeOf, at < 0 ? undefined : at);

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const link = body.current?.querySelector<HTMLElement>(`tr[data-index="${wanted.current}"] a`);
    if (!link) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  });

  const move = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const next = nextRun(rows, at, event.key);
    if (next === undefined) return;
    event.preventDefault();
    wanted.current = next;
    setFocused(keyOf(rows[next]!));
    scrollTo(next);
  };

  let end = 0;
  return (
    <table class="runs" aria-rowcount={rows.length + 1}>
      <caption class="unseen">Analysis runs by namespace, the newest first. Arrow keys go from run to run.</caption>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col">Phase</th>
          <th scope="col">Run and reason</th>
          <th scope="col">Metrics</th>
          <th scope="col">Age</th>
        </tr>
      </thead>
      <tbody
        ref={body}
        onKeyDown={move}
        onFocusIn={({ target }) => setFocused((target as Element).closest('tr')?.dataset['key'])}
        onFocusOut={() => setFocused(undefined)}
      >
        {items.flatMap(({ index, start, end: itsEnd }) => {
          const row = rows[index];
          if (row === undefined) return [];
          const gap = start - end;
          end = itsEnd;
          const place = { 'data-index': index, 'data-key': keyOf(row), 'aria-rowindex': index + 2 };
          return [
            gap > 0 && <Gap key={`before ${index}`} height={gap} />,
            row.kind === 'namespace' ? (
              <NamespaceRow key={keyOf(row)} place={place} row={row} />
            ) : (
              <RunRow key={keyOf(row)} place={place} run={row.run} />
            ),
          ];
        })}
        {totalSize > end && <Gap key="after" height={totalSize - end} />}
      </tbody>
    </table>
  );
}

function shapeOf(row: Row | undefined): keyof typeof HEIGHTS.wide {
  if (row?.kind === 'namespace') return 'namespace';
  return row?.run.sentence === undefined ? 'plain' : 'explained';
}

/** In the place of rows that are not drawn. */
const Gap = ({ height }: { readonly height: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: no row can be focused.
  <tr aria-hidden="true" class="gap">
    <td style={{ height }} />
  </tr>
);

const PAGE_OF_ROWS = 10;

function nextRun(rows: readonly Row[], at: number, key: string): number | undefined {
  const [target, step] = {
    ArrowDown: [at + 1, 1] as const,
    ArrowUp: [at - 1, -1] as const,
    PageDown: [Math.min(rows.length - 1, at + PAGE_OF_ROWS), -1] as const,
    PageUp: [Math.max(0, at - PAGE_OF_ROWS), 1] as const,
    Home: [0, 1] as const,
    End: [rows.length - 1, -1] as const,
  }[key] ?? [-1, 0];
  if (at < 0 || step === 0) return undefined;
  for (let index = target; index >= 0 && index < rows.length; index += step)
    if (rows[index]?.kind === 'run') return index;
  return undefined;
}
