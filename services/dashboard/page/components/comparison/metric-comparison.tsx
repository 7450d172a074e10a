import { useMemo } from 'preact/hooks';
import { distributionChart } from '../../../../charts/distribution-chart.ts';
import { intervalChart } from '../../../../charts/interval-chart.ts';
import type { SamplePair } from '../../../../charts/sample-pair.ts';
import { shortNumber } from '../../../../charts/scale.ts';
import type { MetricJudgement, SampleEvidence } from '../../../../domain/judgement.ts';
import { DataTable } from '../data-table.tsx';
import { Notice } from '../notice.tsx';
import { Text } from '../text.tsx';
import { Classified } from './classified.tsx';
import { Drawing } from './drawing.tsx';
import { SampleCharts } from './sample-charts.tsx';

export function MetricComparison(props: {
  readonly result: MetricJudgement;
  readonly pair: SamplePair | undefined;
  readonly isOpen: boolean;
}) {
  const { result, pair, isOpen } = props;
  const { name, tags = {}, classification, evidence, critical, muted } = result;
  const marks = [
    ...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
    ...(critical ? ['critical'] : []),
    ...(muted ? ['muted: not counted'] : []),
  ];
  return (
    <details class="compared" open={isOpen}>
      <summary>
        <b>
          <Text>{name}</Text>
        </b>
        {marks.length > 0 && (
          <span class="quiet">
            <Text>{marks.join(', ')}</Text>
          </span>
        )}
        <Classified as={classification} />
      </summary>
      <p>
        <Text>{evidence.why}</Text>
      </p>
      {(evidence.warnings ?? []).map((warning) => (
        <Notice key={warning} tone="unsure">
          <Text>{warning}</Text>
        </Notice>
      ))}
      {pair === undefined ? (
        <p class="quiet">The samples are no longer stored.</p>
      ) : (
        <Charts pair={pair} result={result} />
      )}
      <Numbers result={result} />
    </details>
  );
}

function Charts({ pair, result: { evidence } }: { readonly pair: SamplePair; readonly result: MetricJudgement }) {
  const { baseline, canary, shift } = evidence;
  const distribution = useMemo(
    () => distributionChart(pair, { baseline: baseline.median, canary: canary.median }),
    [pair, baseline, canary],
  );
  const interval = useMemo(() => intervalChart(shift), [shift]);
  return (
    <>
      <SampleCharts pair={pair} />
      <div class="side-by-side">
        <figure>
          <figcaption>Distribution, medians dashed</figcaption>
          <Drawing of={distribution} />
        </figure>
        <figure>
          <figcaption>Shift of the canary against what is tolerated</figcaption>
          <Drawing of={interval} />
        </figure>
      </div>
    </>
  );
}

function Numbers({
  result: { name, evidence, controlMetadata, experimentMetadata },
}: {
  readonly result: MetricJudgement;
}) {
  const { effectSize, pValue } = evidence;
  const sides = [
    { side: 'baseline', stats: controlMetadata.stats, samples: evidence.baseline },
    { side: 'canary', stats: experimentMetadata.stats, samples: evidence.canary },
  ];
  const facts = [
    ...(pValue === undefined ? [] : [`p ${pValue < 0.001 ? '< 0.001' : shortNumber(pValue)}`]),
    ...(effectSize === undefined
      ? []
      : [
          `mean ratio ${shortNumber(effectSize.meanRatio)}`,
          `canary higher in ${shortNumber(effectSize.cles * 100)} % of pairs`,
          `gates on ${effectSize.measure}: up ${shortNumber(effectSize.allowedIncrease)}, down ${shortNumber(effectSize.allowedDecrease)}`,
        ]),
  ];
  return (
    <>
      <DataTable
        label={`Both sides of ${name} in numbers`}
        rows={sides}
        keyOf={({ side }) => side}
        columns={[
          { head: 'Side', cell: ({ side }) => <span class={`key ${side}`}>{side}</span> },
          { head: 'Median', cell: ({ samples }) => shortNumber(samples.median), isNumber: true },
          { head: 'Mean', cell: ({ stats }) => shortNumber(stats.mean), isNumber: true },
          { head: 'Min', cell: ({ stats }) => shortNumber(stats.min), isNumber: true },
          { head: 'Max', cell: ({ stats }) => shortNumber(stats.max), isNumber: true },
          { head: 'Std', cell: ({ stats }) => shortNumber(stats.std), isNumber: true },
          { head: 'Samples', cell: ({ samples }) => `${samples.used} of ${samples.received}`, isNumber: true },
          { head: 'Left out', cell: ({ samples }) => leftOut(samples), isNumber: true },
        ]}
      />
      {facts.length > 0 && <p class="quiet">{facts.join(' · ')}</p>}
    </>
  );
}

function leftOut({ missing, outliers }: SampleEvidence): string {
  const parts = [...(missing > 0 ? [`${missing} NaN`] : []), ...(outliers > 0 ? [`${outliers} outliers`] : [])];
  return parts.join(', ') || '–';
}
