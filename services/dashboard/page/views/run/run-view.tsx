import './run.css';
import type { RunDetail } from '../../../run-detail.ts';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { useLoaded } from '../../data/load.ts';
import { useRun } from '../../data/run.ts';
import type { ViewProps } from '../../view.ts';
import { Events } from './events.tsx';
import { MadeFrom } from './made-from.tsx';
import { MetricSection } from './metric-section.tsx';
import { RunActions } from './run-actions.tsx';
import { RunDocument } from './run-document.tsx';
import { RunFacts } from './run-facts.tsx';

export function RunView({ params: { namespace = '', name = '' } }: ViewProps) {
  const known = useRun(namespace, name);
  const run = known.state === 'there' ? known.run : undefined;
  return (
    <>
      <nav aria-label="Where this is" class="trail">
        <a href="#/">Runs</a> /{' '}
        <a href={`#/?${new URLSearchParams({ namespace })}`}>
          <Text>{namespace}</Text>
        </a>
      </nav>
      <div class="view-head">
        <h1>
          <Text>{name}</Text>
        </h1>
        <span role="status" class="verdict">
          {run !== undefined && <PhaseBadge key={run.phase} phase={run.phase} />}
        </span>
      </div>
      {known.state === 'gone' && (
        <Notice tone="unsure">
          There is no such run: it was deleted, or never was here. <a href="#/">To the runs</a>
        </Notice>
      )}
      {run !== undefined && <Explained namespace={namespace} name={name} revision={run.revision} />}
    </>
  );
}

function Explained(props: { readonly namespace: string; readonly name: string; readonly revision: string }) {
  const { namespace, name, revision } = props;
  const place = `${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  const loaded = useLoaded<RunDetail>(`/ui/api/runs/${place}`, revision);
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/analysisruns/${encodeURIComponent(name)}`;
  return (
    <Loading of={loaded}>
      {({ run, sentence, deciding, metrics, templates }) => (
        <>
          <RunActions
            key={`${namespace}/${name}`}
            namespace={namespace}
            name={name}
            phase={run.status?.phase || 'Pending'}
            isStopping={run.spec.terminate === true}
            args={run.spec.args ?? []}
          />
          <div class="reason" data-phase={run.status?.phase || 'Pending'}>
            <p>
              <Text>{sentence}</Text>
            </p>
            {run.spec.terminate === true && run.status?.completedAt === undefined && <p>It was asked to stop.</p>}
          </div>
          {(run.status?.warnings ?? []).map((warning) => (
            <Notice key={warning} tone="unsure">
              <Text>{warning}</Text>
            </Notice>
          ))}
          <RunFacts run={run} />
          <MadeFrom templates={templates} />
          {[...metrics]
            .sort((one, other) => Number(other.metric.name === deciding) - Number(one.metric.name === deciding))
            .map((detail) => (
              <MetricSection key={detail.metric.name} run={run} detail={detail} said={sentence} />
            ))}
          <Events namespace={namespace} name={name} version={run.status?.phase} />
          <RunDocument path={path} version={revision} />
        </>
      )}
    </Loading>
  );
}
