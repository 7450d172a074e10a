import type { Judgement } from '../../../../domain/judgement.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { moment } from '../../format/time.ts';
import { hrefTo } from '../../router.ts';
import type { ViewProps } from '../../view.ts';
import type { ExecutionSummary } from '../executions/execution-summary.ts';
import { Score } from '../executions/score.tsx';
import { UntilComplete } from './until-complete.tsx';

/** What Kayenta's `GET /standalone_canary_analysis/{id}` answers, as far as it is shown. */
interface Analysis {
  readonly application?: string;
  readonly user?: string;
  readonly status?: ExecutionSummary['state'];
  readonly complete?: boolean;
  readonly exception?: { readonly details?: { readonly errors?: readonly string[] } };
  readonly stageStatus?: readonly { readonly name: string; readonly status: string; readonly executionId?: string }[];
  readonly canaryAnalysisExecutionResult?: {
    readonly canaryScoreMessage?: string;
    readonly didPassThresholds?: boolean;
    readonly canaryExecutionResults?: readonly JudgedExecution[];
  };
  readonly buildTimeIso?: string;
}

interface JudgedExecution {
  readonly executionId: string;
  readonly result?: { readonly judgeResult?: Judgement };
  readonly judgementStartTimeIso?: string;
  readonly judgementEndTimeIso?: string;
}

/** A standalone analysis: the judgements it made, one after the other. */
export function AnalysisView({ params: { id = '' } }: ViewProps) {
  return (
    <UntilComplete<Analysis> at="/standalone_canary_analysis" id={id}>
      {(analysis) => <Shown {...analysis} />}
    </UntilComplete>
  );
}

function Shown({
  application = '',
  user = '',
  status = 'running',
  exception,
  buildTimeIso = '',
  ...analysis
}: Analysis) {
  const { canaryScoreMessage, canaryExecutionResults = [] } = analysis.canaryAnalysisExecutionResult ?? {};
  const problems = exception?.details?.errors ?? [];
  const judgements = (analysis.stageStatus ?? []).flatMap(({ name, status, executionId }) =>
    executionId === undefined
      ? []
      : [{ name, status, executionId, judged: canaryExecutionResults.find((one) => one.executionId === executionId) }],
  );
  return (
    <>
      <div role="status">
        <Score state={status} {...(status === 'running' ? undefined : scoreOf(canaryExecutionResults.at(-1)))} />
      </div>
      <p class="quiet">
        <Text>{`application ${application} · asked by ${user} at ${moment(buildTimeIso)}`}</Text>
      </p>
      {problems.length > 0 && (
        <Notice tone="bad">
          <Text>{problems.join('; ')}</Text>
        </Notice>
      )}
      {canaryScoreMessage !== undefined && (
        <p>
          <Text>{canaryScoreMessage}</Text>
        </p>
      )}
      <Section title="Judgements">
        <DataTable
          label="Judgements"
          rows={judgements}
          keyOf={({ executionId }) => executionId}
          columns={[
            { head: 'Score', cell: ({ status, judged }) => <Score state={stateOf(status)} {...scoreOf(judged)} /> },
            {
              head: 'Judgement',
              cell: ({ name, executionId }) => (
                <a href={hrefTo('/executions', executionId)}>
                  <Text>{name}</Text>
                </a>
              ),
            },
            { head: 'From', cell: ({ judged }) => timeOf(judged?.judgementStartTimeIso) },
            { head: 'To', cell: ({ judged }) => timeOf(judged?.judgementEndTimeIso) },
          ]}
        />
      </Section>
    </>
  );
}

const scoreOf = (judged: JudgedExecution | undefined) => judged?.result?.judgeResult?.score;
const timeOf = (time: string | undefined): string => (time === undefined ? '–' : moment(time));
const stateOf = (status: string): ExecutionSummary['state'] => status.toLowerCase() as ExecutionSummary['state'];
