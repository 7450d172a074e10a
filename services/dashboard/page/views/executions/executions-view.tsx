import { Ago } from '../../components/ago.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Text } from '../../components/text.tsx';
import { useLive } from '../../data/load.ts';
import { hrefTo, replaceQuery } from '../../router.ts';
import type { ViewProps } from '../../view.ts';
import type { ExecutionList, ExecutionSummary } from './execution-summary.ts';
import { Score } from './score.tsx';

/** What was asked through Kayenta's API, with scores. */
export function ExecutionsView({ query }: ViewProps) {
  const loaded = useLive<ExecutionList>('/ui/api/executions');
  const application = query.get('application') ?? '';
  return (
    <>
      <h1>Canary executions</h1>
      <Loading of={loaded}>
        {({ total, executions }) =>
          total === 0 ? (
            <Notice tone="quiet">Nothing has been asked through Kayenta's API yet.</Notice>
          ) : (
            <>
              <Applications executions={executions} chosen={application} />
              {total > executions.length && (
                <p class="quiet">
                  The newest {executions.length} of {total}.
                </p>
              )}
              <ExecutionTable
                executions={executions.filter((one) => application === '' || one.application === application)}
              />
            </>
          )
        }
      </Loading>
    </>
  );
}

function Applications({
  executions,
  chosen,
}: {
  readonly executions: readonly ExecutionSummary[];
  readonly chosen: string;
}) {
  const applications = [...new Set(executions.map(({ application }) => application))].sort();
  return (
    <label>
      <span class="quiet">Application </span>
      <select value={chosen} onChange={({ currentTarget }) => replaceQuery({ application: currentTarget.value })}>
        <option value="">all</option>
        {applications.map((application) => (
          <option value={application}>{application}</option>
        ))}
      </select>
    </label>
  );
}

function ExecutionTable({ executions }: { readonly executions: readonly ExecutionSummary[] }) {
  return (
    <DataTable
      label="Canary executions"
      rows={executions}
      keyOf={({ id }) => id}
      columns={[
        { head: 'Score', cell: (one) => <Score {...one} /> },
        {
          head: 'Execution',
          cell: ({ type, id }) => (
            <a href={hrefTo(type === 'analysis' ? '/analyses' : '/executions', id)}>
              <code>
                <Text>{id}</Text>
              </code>
            </a>
          ),
        },
        {
          head: 'What',
          cell: ({ type, executionIds = [] }) =>
            type === 'analysis' ? `analysis, ${executionIds.length} judged` : 'one judgement',
        },
        { head: 'Application', cell: ({ application }) => <Text>{application}</Text> },
        { head: 'Config', cell: ({ config }) => <Text>{config}</Text> },
        { head: 'Age', cell: ({ createdAt }) => <Ago time={createdAt} /> },
        { head: 'Why there is no score', cell: ({ problem }) => (problem === undefined ? '' : <Text>{problem}</Text>) },
      ]}
    />
  );
}
