import type { MetricLimit } from '../../../../analysis/assess-metric.ts';
import type { MetricResult } from '../../../../domain/run.ts';

const COUNTERS = {
  failed: 'failed',
  inconclusive: 'inconclusive',
  consecutiveErrors: 'errors in a row',
} as const;

/** How far a metric is, and how near each of its limits is to breaking. */
export function Limits({
  limits,
  result,
  wanted,
}: {
  readonly limits: readonly MetricLimit[];
  readonly result: MetricResult | undefined;
  readonly wanted: number | undefined;
}) {
  const taken = result?.count ?? 0;
  return (
    <ul class="limits">
      <li>
        <b>
          {taken}
          {wanted === undefined ? '' : ` of ${wanted}`}
        </b>{' '}
        measured
        {wanted !== undefined && wanted > 0 && <meter max={wanted} value={taken} aria-hidden="true" />}
        <small>{wanted === undefined ? 'until it is stopped' : 'count'}</small>
      </li>
      {limits.map((limit) => (
        <Limit key={limit.name} limit={limit} />
      ))}
    </ul>
  );
}

function Limit({ limit: { phase, name, counter, actual, limit } }: { readonly limit: MetricLimit }) {
  const isBroken = limit !== undefined && actual > limit;
  const left = limit === undefined ? undefined : limit - actual + 1;
  return (
    <li data-phase={isBroken ? phase : undefined} class={isBroken ? 'broken' : actual > 0 ? 'used' : undefined}>
      <b>{actual}</b> {COUNTERS[counter]}
      {limit !== undefined && limit >= 0 && <meter max={limit + 1} value={actual} aria-hidden="true" />}
      <small>
        {limit === undefined
          ? `${name} -1: any number is tolerated`
          : isBroken
            ? `${name} ${limit} is broken: ${phase}`
            : `${name} ${limit}: ${left} more ${left === 1 ? 'breaks' : 'break'} it`}
      </small>
    </li>
  );
}
