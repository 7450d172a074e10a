import { PHASES } from '../../../../domain/phase.ts';
import type { MetricProgress, RunSummary } from '../../../run-summary.ts';
import { Ago } from '../../components/ago.tsx';
import { PhaseBadge, PhaseMark } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { hrefTo } from '../../router.ts';
import type { Row } from './run-rows.ts';

/** Of more metrics than this a number is shown. */
const MOST_METRICS = 4;

type Place = Readonly<Record<string, string | number>>;

export function NamespaceRow({
  row: { namespace, phases },
  place,
}: {
  readonly row: Extract<Row, { kind: 'namespace' }>;
  readonly place: Place;
}) {
  return (
    <tr class="namespace" {...place}>
      <th scope="rowgroup" colSpan={4}>
        <Text>{namespace}</Text>
        {PHASES.filter((phase) => phases.has(phase)).map((phase) => (
          <span class="tally" data-phase={phase} title={phase}>
            <PhaseMark phase={phase} />
            {phases.get(phase)}
            <span class="unseen"> {phase}</span>
          </span>
        ))}
      </th>
    </tr>
  );
}

export function RunRow({ run, place }: { readonly run: RunSummary; readonly place: Place }) {
  const { namespace, name, phase, sentence, metrics, createdAt, isStopping } = run;
  return (
    <tr class={sentence === undefined ? 'run' : 'run explained'} data-phase={phase} {...place}>
      <td class="run-phase">
        <PhaseBadge key={phase} phase={phase} />
        {isStopping && <small>stopping</small>}
      </td>
      <td class="run-name">
        <a href={hrefTo('/runs', namespace, name)}>
          <Text>{name}</Text>
        </a>
        {sentence !== undefined && (
          <small title={sentence}>
            <Text>{sentence}</Text>
          </small>
        )}
      </td>
      <td class="run-metrics">
        <ul>
          {metrics.slice(0, metrics.length > MOST_METRICS ? MOST_METRICS - 1 : MOST_METRICS).map((metric) => (
            <Progress key={metric.name} metric={metric} />
          ))}
          {metrics.length > MOST_METRICS && <li>and {metrics.length - MOST_METRICS + 1} more</li>}
        </ul>
      </td>
      <td class="run-age">
        <Ago time={createdAt} />
      </td>
    </tr>
  );
}

function Progress({
  metric: { name, phase, isDryRun, taken, wanted, failed, inconclusive, error },
}: {
  readonly metric: MetricProgress;
}) {
  const broken = [
    failed && `${failed} failed`,
    inconclusive && `${inconclusive} inconclusive`,
    error && `${error} error`,
  ];
  const count = wanted === undefined ? `${taken}` : `${taken}/${wanted}`;
  return (
    <li data-phase={phase} title={[`${name}: ${phase}, ${count} measured`, ...broken].filter(Boolean).join(', ')}>
      <PhaseMark phase={phase} />
      <span class="unseen">{phase} </span>
      <span class="metric-name">
        <Text>{name}</Text>
      </span>
      {isDryRun && <i>dry</i>}
      <span>{count}</span>
      {wanted !== undefined && wanted > 0 && <progress max={wanted} value={taken} aria-hidden="true" />}
    </li>
  );
}
