import { useMemo } from 'preact/hooks';
import type { SamplePair } from '../../../../charts/sample-pair.ts';
import { TimeChart } from '../time-chart.tsx';

const ZERO = [{ value: 0, label: 'no difference', colour: '--quiet' }];
/** For samples without a time: one a second, since something must stand on the axis. */
const STEP_MS = 1000;

/** Both series over time, and below it by how much the canary is above the baseline. */
export function SampleCharts({ pair }: { readonly pair: SamplePair }) {
  const { name } = pair;
  const { times, baseline, canary, difference } = useMemo(() => aligned(pair), [pair]);
  const both = useMemo(
    () => [
      { label: 'baseline', colour: '--baseline', values: baseline, dash: [6, 3] },
      { label: 'canary', colour: '--canary', values: canary },
    ],
    [baseline, canary],
  );
  const apart = useMemo(() => [{ label: 'canary − baseline', colour: '--canary', values: difference }], [difference]);
  return (
    <>
      <figure>
        <figcaption>
          Samples: <span class="key baseline">baseline, dashed</span> <span class="key canary">canary</span>
        </figcaption>
        <TimeChart
          label={`Samples of ${name}: baseline and canary over time`}
          times={times}
          series={both}
          height={190}
        />
      </figure>
      <figure>
        <figcaption>Canary − baseline</figcaption>
        <TimeChart
          label={`Difference of canary and baseline of ${name} over time`}
          times={times}
          series={apart}
          lines={ZERO}
          height={120}
        />
      </figure>
    </>
  );
}

/** An offset of the baseline is taken out: both begin at the left, and sample stands against sample. */
function aligned({ baseline, canary, startMs = 0, stepMs = STEP_MS }: SamplePair) {
  const steps = Math.max(baseline.length, canary.length);
  const times = Array.from({ length: steps }, (_, index) => startMs + index * (stepMs || STEP_MS));
  const finite = (values: ArrayLike<number>) =>
    times.map((_, index) => (Number.isFinite(values[index]) ? (values[index] as number) : null));
  const [one, other] = [finite(baseline), finite(canary)];
  const difference = times.map((_, index) => {
    const [before, after] = [one[index] ?? null, other[index] ?? null];
    return before === null || after === null ? null : after - before;
  });
  return { times, baseline: one, canary: other, difference };
}
