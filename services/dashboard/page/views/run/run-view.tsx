import { useMemo } from 'preact/hooks';
import type { AnalysisRun, MetricResult } from '../../../../domain/run.ts';
import { Loading } from '../../components/loading.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { TimeChart } from '../../components/time-chart.tsx';
import { useLoaded } from '../../data/load.ts';
import type { ViewProps } from '../../view.ts';

export function RunView({ params: { namespace = '', name = '' } }: ViewProps) {
  const loaded = useLoaded<AnalysisRun>(
    `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/analysisruns/${encodeURIComponent(name)}`,
  );
  return (
    <>
      <h1>
        <Text>{name}</Text>
      </h1>
      <Loading of={loaded}>
        {({ status }) => (
          <>
            <PhaseBadge phase={status?.phase || 'Pending'} />
            {status?.metricResults?.map((result) => (
              <MetricSection result={result} />
            ))}
          </>
        )}
      </Loading>
    </>
  );
}

function MetricSection({ result: { name, phase, measurements = [] } }: { readonly result: MetricResult }) {
  const times = useMemo(() => measurements.map(({ startedAt = '' }) => Date.parse(startedAt)), [measurements]);
  const values = useMemo(() => measurements.map(({ value }) => Number.parseFloat(value ?? '')), [measurements]);
  const series = useMemo(() => [{ label: name, colour: '--link', values }], [name, values]);
  return (
    <Section title={<Text>{name}</Text>} aside={<PhaseBadge phase={phase} />}>
      <TimeChart label={`${name} over time`} times={times} series={series} />
    </Section>
  );
}
