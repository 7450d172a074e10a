import { useState } from 'preact/hooks';
import type { Measurement } from '../../../../domain/run.ts';
import { DataTable } from '../../components/data-table.tsx';
import { LongText } from '../../components/long-text.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { moment } from '../../format/time.ts';

const PAGE = 25;

/** Every measurement that is kept, the newest first, a page at a time. */
export function Measurements({
  name,
  measurements,
}: {
  readonly name: string;
  readonly measurements: readonly Measurement[];
}) {
  const [chosen, setPage] = useState(0);
  const pages = Math.ceil(measurements.length / PAGE);
  const page = Math.min(chosen, Math.max(0, pages - 1));
  const end = measurements.length - page * PAGE;
  const start = Math.max(0, end - PAGE);
  const rows = measurements.slice(start, end).map((measurement, index) => ({ number: start + index + 1, measurement }));
  return (
    <>
      <DataTable
        label={`Measurements of ${name}`}
        rows={rows.reverse()}
        keyOf={({ number }) => number}
        columns={[
          { head: 'No.', cell: ({ number }) => number, isNumber: true },
          { head: 'Time', cell: ({ measurement: { startedAt = '' } }) => moment(startedAt) },
          { head: 'Phase', cell: ({ measurement: { phase } }) => <PhaseBadge phase={phase} /> },
          { head: 'Value', cell: ({ measurement: { value = '' } }) => <LongText>{value}</LongText>, isLong: true },
          {
            head: 'Message',
            cell: ({ measurement: { message = '' } }) => <LongText>{message}</LongText>,
            isLong: true,
          },
        ]}
      />
      {pages > 1 && (
        <nav class="pager" aria-label={`Pages of the measurements of ${name}`}>
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Newer
          </button>
          <span>
            {start + 1}–{end} of {measurements.length}
          </span>
          <button type="button" disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
            Older
          </button>
        </nav>
      )}
    </>
  );
}
