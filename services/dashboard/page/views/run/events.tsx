import { DataTable } from '../../components/data-table.tsx';
import { Loading } from '../../components/loading.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { useLoaded } from '../../data/load.ts';
import { moment } from '../../format/time.ts';

interface EventList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
    readonly type?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly count?: number;
    readonly lastTimestamp?: string;
  }[];
}

/** What was told of the run, the newest first; events are kept for an hour. */
export function Events({
  namespace,
  name,
  version,
}: {
  readonly namespace: string;
  readonly name: string;
  readonly version: unknown;
}) {
  const selector = new URLSearchParams({
    fieldSelector: `involvedObject.kind=AnalysisRun,involvedObject.name=${name}`,
  });
  const loaded = useLoaded<EventList>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/events?${selector}`,
    version,
  );
  return (
    <Section title="Events">
      <Loading of={loaded}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">None in the last hour.</p>
          ) : (
            <DataTable
              label="Events"
              rows={[...items].sort((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1))}
              keyOf={({ metadata }) => metadata.name}
              columns={[
                { head: 'Last seen', cell: (event) => moment(timeOf(event)) },
                { head: 'Type', cell: ({ type = '' }) => <Text>{type}</Text> },
                { head: 'Reason', cell: ({ reason = '' }) => <Text>{reason}</Text> },
                { head: 'Message', cell: ({ message = '' }) => <Text>{message}</Text>, isLong: true },
                { head: 'Count', cell: ({ count = 1 }) => count, isNumber: true },
              ]}
            />
          )
        }
      </Loading>
    </Section>
  );
}

const timeOf = ({ lastTimestamp, metadata }: EventList['items'][number]): string =>
  lastTimestamp ?? metadata.creationTimestamp ?? '';
