import type { AnalysisRun } from '../../../../domain/run.ts';
import type { MetricDetail } from '../../../run-detail.ts';
import { PhaseBadge } from '../../components/phase.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { CanaryComparison } from './canary-comparison.tsx';
import { Limits } from './limits.tsx';
import { Measurements } from './measurements.tsx';
import { MetricChart } from './metric-chart.tsx';
import { MetricSettings } from './metric-settings.tsx';

export function MetricSection(props: {
  readonly run: AnalysisRun;
  readonly detail: MetricDetail;
  /** What has been said already. */
  readonly said: string;
}) {
  const { run, detail, said } = props;
  const { metric, isDryRun, sentence, thresholds, limits, wanted } = detail;
  const result = run.status?.metricResults?.find(({ name }) => name === metric.name);
  const measurements = result?.measurements ?? [];
  return (
    <Section
      title={
        <>
          <Text>{metric.name}</Text>
          {isDryRun && <span class="quiet"> (dry run: does not count)</span>}
        </>
      }
      aside={<PhaseBadge phase={result?.phase ?? 'Pending'} />}
    >
      <div class="card" data-phase={result?.phase}>
        {sentence !== undefined && sentence !== said && (
          <p class="metric-sentence">
            <Text>{sentence}</Text>
          </p>
        )}
        <Limits limits={limits} result={result} wanted={wanted} />
        <MetricChart name={metric.name} measurements={measurements} thresholds={thresholds} />
        <CanaryComparison namespace={run.metadata.namespace ?? ''} metric={metric.name} measurements={measurements} />
        <MetricSettings metric={metric} metadata={result?.metadata} />
        {measurements.length > 0 && (
          <details open={measurements.length <= 12}>
            <summary>Measurements ({measurements.length} kept)</summary>
            <Measurements name={metric.name} measurements={measurements} />
          </details>
        )}
      </div>
    </Section>
  );
}
