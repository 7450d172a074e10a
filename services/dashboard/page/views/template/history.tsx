import type { TemplateHistory } from '../../../template-history.ts';
import { Ago } from '../../components/ago.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { hrefTo } from '../../router.ts';

/** The verdicts of a template's runs, newest first, each with its reason. */
export function History({ runs }: Pick<TemplateHistory, 'runs'>) {
  return (
    <DataTable
      label="Verdicts"
      rows={runs}
      keyOf={({ namespace, name }) => `${namespace}/${name}`}
      columns={[
        { head: 'Verdict', cell: ({ phase }) => <PhaseBadge phase={phase} /> },
        {
          head: 'Run',
          cell: ({ namespace, name }) => (
            <a href={hrefTo('/runs', namespace, name)}>
              <Text>{name}</Text>
            </a>
          ),
        },
        { head: 'Release', cell: ({ release }) => <Text>{release}</Text> },
        { head: 'Age', cell: ({ createdAt }) => <Ago time={createdAt} /> },
        { head: 'Why', cell: ({ sentence }) => <Text>{sentence}</Text> },
      ]}
    />
  );
}
