import { Ago } from '../../components/ago.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { useRunList } from '../../data/run-list.ts';
import { hrefTo } from '../../router.ts';

export function RunsView() {
  const { runs } = useRunList();
  return (
    <>
      <h1>Analysis runs</h1>
      <DataTable
        label="Analysis runs"
        rows={runs}
        keyOf={({ namespace, name }) => `${namespace}/${name}`}
        columns={[
          { head: 'Namespace', cell: ({ namespace }) => <Text>{namespace}</Text> },
          {
            head: 'Run',
            cell: ({ namespace, name }) => (
              <a href={hrefTo('/runs', namespace, name)}>
                <Text>{name}</Text>
              </a>
            ),
          },
          { head: 'Phase', cell: ({ phase }) => <PhaseBadge phase={phase} /> },
          { head: 'Age', cell: ({ createdAt }) => <Ago time={createdAt} /> },
          { head: 'Why', cell: ({ sentence }) => <Text>{sentence}</Text> },
        ]}
      />
    </>
  );
}
