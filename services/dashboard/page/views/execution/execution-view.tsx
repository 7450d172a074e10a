import { useMemo } from 'preact/hooks';
import type { Thresholds } from '../../../../domain/canary-config.ts';
import type { Judgement } from '../../../../domain/judgement.ts';
import { comparisonOf } from '../../../../judge/comparison.ts';
import { ComparisonView } from '../../components/comparison/comparison-view.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Text } from '../../components/text.tsx';
import { useLoaded } from '../../data/load.ts';
import { pathTo } from '../../data/send.ts';
import { moment } from '../../format/time.ts';
import type { ViewProps } from '../../view.ts';
import type { ExecutionSummary } from '../executions/execution-summary.ts';
import { Score } from '../executions/score.tsx';
import { UntilComplete } from './until-complete.tsx';

/** What Kayenta's `GET /canary/{id}` answers, as far as it is shown. */
interface Execution {
  readonly application?: string;
  readonly status?: ExecutionSummary['state'];
  readonly complete?: boolean;
  readonly exception?: { readonly details?: { readonly errors?: readonly string[] } };
  readonly result?: { readonly judgeResult?: Judgement; readonly canaryDuration?: string };
  readonly config?: { readonly name?: string };
  readonly canaryExecutionRequest?: { readonly thresholds?: Thresholds };
  readonly metricSetPairListId?: string;
  readonly metricsAccountName?: string;
  readonly buildTimeIso?: string;
}

/** Kayenta's own, when a request names none. */
const NO_THRESHOLDS: Thresholds = { pass: 100, marginal: 100 };

/** One execution of Kayenta's API: its judgement with the samples. */
export function ExecutionView({ params: { id = '' } }: ViewProps) {
  return (
    <UntilComplete<Execution> at="/canary" id={id}>
      {(execution) => <Shown {...execution} />}
    </UntilComplete>
  );
}

function Shown(execution: Execution) {
  const { status = 'running', exception, result, metricSetPairListId } = execution;
  const { judgeResult } = result ?? {};
  const problems = exception?.details?.errors ?? [];
  return (
    <>
      <div role="status">{judgeResult === undefined && <Score state={status} />}</div>
      <Facts {...execution} />
      {problems.length > 0 && (
        <Notice tone="bad">
          <Text>{problems.join('; ')}</Text>
        </Notice>
      )}
      {judgeResult !== undefined &&
        (metricSetPairListId === undefined ? (
          <Judged execution={execution} judgement={judgeResult} pairs={[]} />
        ) : (
          <WithSamples id={metricSetPairListId} execution={execution} judgement={judgeResult} />
        ))}
    </>
  );
}

function Facts({ application = '', config, metricsAccountName = '', buildTimeIso, result }: Execution) {
  const facts = [
    `application ${application}`,
    config?.name !== undefined && `config ${config.name}`,
    metricsAccountName !== '' && `metrics from ${metricsAccountName}`,
    result?.canaryDuration !== undefined && `over ${result.canaryDuration}`,
    buildTimeIso !== undefined && `asked ${moment(buildTimeIso)}`,
  ];
  return (
    <p class="quiet">
      <Text>{facts.filter((fact) => fact !== false).join(' · ')}</Text>
    </p>
  );
}

interface JudgedProps {
  readonly execution: Execution;
  readonly judgement: Judgement;
  readonly pairs: unknown;
}

/** Samples may be gone before the judgement is: then it is shown without them. */
function WithSamples({ id, ...judged }: { readonly id: string } & Omit<JudgedProps, 'pairs'>) {
  const loaded = useLoaded<unknown>(pathTo('/metricSetPairList', id));
  if (loaded.state === 'loading') return <Loading of={loaded}>{() => null}</Loading>;
  return <Judged {...judged} pairs={loaded.state === 'ready' ? loaded.value : []} />;
}

function Judged({ execution, judgement, pairs }: JudgedProps) {
  const thresholds = execution.canaryExecutionRequest?.thresholds ?? NO_THRESHOLDS;
  const comparison = useMemo(
    () => comparisonOf('Judgement', thresholds, judgement, pairs),
    [thresholds, judgement, pairs],
  );
  return <ComparisonView comparison={comparison} />;
}
