import type { ComponentType } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Measurement } from '../../../../domain/run.ts';
import { type Comparison, comparisonOf } from '../../../../judge/comparison.ts';
import { Loading } from '../../components/loading.tsx';
import { useLoaded } from '../../data/load.ts';
import { moment } from '../../format/time.ts';

/** What a canary metric compared, measurement by measurement; nothing for a metric that compares nothing. */
export function CanaryComparison(props: {
  readonly namespace: string;
  readonly metric: string;
  readonly measurements: readonly Measurement[];
}) {
  const { namespace, metric, measurements } = props;
  const judged = measurements.flatMap(({ metadata, startedAt = '', phase }) => {
    const record = metadata?.['judgement'];
    return record === undefined ? [] : [{ record, startedAt, phase }];
  });
  // Without a choice the last one, also when another comes.
  const [chosen, choose] = useState<string>();
  const shown = judged.find(({ record }) => record === chosen) ?? judged.at(-1);
  if (shown === undefined) return null;
  return (
    <div class="comparison">
      {judged.length > 1 && (
        <label>
          <span class="quiet">Comparison of </span>
          <select value={shown.record} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {judged.map(({ record, startedAt, phase }, index) => (
              <option key={record} value={record}>{`${index + 1}: ${moment(startedAt)}, ${phase}`}</option>
            ))}
          </select>
        </label>
      )}
      <Judged namespace={namespace} record={shown.record} title={metric} />
    </div>
  );
}

interface JudgementRecord {
  readonly thresholds: Comparison['thresholds'];
  readonly judgement: unknown;
  readonly pairs: unknown;
}

function Judged({
  namespace,
  record,
  title,
}: {
  readonly namespace: string;
  readonly record: string;
  readonly title: string;
}) {
  const loaded = useLoaded<JudgementRecord>(
    `/judgements/${encodeURIComponent(namespace)}/${encodeURIComponent(record)}`,
  );
  return <Loading of={loaded}>{(known) => <Drawn title={title} known={known} />}</Loading>;
}

type View = ComponentType<{ readonly comparison: Comparison }>;

/** Charts of comparisons are loaded for those who have one. */
function Drawn({
  title,
  known: { thresholds, judgement, pairs },
}: {
  readonly title: string;
  readonly known: JudgementRecord;
}) {
  const comparison = useMemo(
    () => comparisonOf(title, thresholds, judgement, pairs),
    [title, thresholds, judgement, pairs],
  );
  const [view, setView] = useState<{ readonly View: View }>();
  useEffect(() => {
    void import('../../components/comparison/comparison-view.tsx').then(({ ComparisonView }) =>
      setView({ View: ComparisonView }),
    );
  }, []);
  return view === undefined ? null : <view.View comparison={comparison} />;
}
