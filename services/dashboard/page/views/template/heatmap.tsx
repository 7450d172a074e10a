import { shortNumber } from '../../../../charts/scale.ts';
import type { PastMetric, PastRun, TemplateHistory } from '../../../template-history.ts';
import { PhaseMark } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { shortMoment } from '../../format/time.ts';
import { shortValue } from '../../format/value.ts';
import { hrefTo } from '../../router.ts';

/** Metrics by release, newest first: a table whose cells say in words what their colour says too. */
export function Heatmap({ runs }: Pick<TemplateHistory, 'runs'>) {
  const metrics = [...new Set(runs.flatMap((run) => run.metrics.map(({ name }) => name)))];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="scroll heatmap" aria-label="Metrics by release" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td class="metric" />
            {releasesOf(runs).map(({ release, count }) => (
              <th scope="colgroup" colSpan={count} title={release}>
                <Text>{release}</Text>
              </th>
            ))}
          </tr>
          <tr>
            <th scope="col" class="metric">
              Metric
            </th>
            {runs.map(({ namespace, name, createdAt }) => (
              <th scope="col">
                <a href={hrefTo('/runs', namespace, name)} title={name}>
                  {createdAt === undefined ? <Text>{name}</Text> : shortMoment(createdAt)}
                  <span class="unseen">, run {name}</span>
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" class="metric">
              Verdict
            </th>
            {runs.map(({ phase, sentence }) => (
              <td data-phase={phase} title={sentence}>
                <span class="cell">
                  <PhaseMark phase={phase} />
                  <b>{phase}</b>
                </span>
              </td>
            ))}
          </tr>
          {metrics.map((name) => (
            <tr>
              <th scope="row" class="metric">
                <Text>{name}</Text>
              </th>
              {runs.map((run) => (
                <Cell metric={run.metrics.find((metric) => metric.name === name)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ metric }: { readonly metric: PastMetric | undefined }) {
  if (metric === undefined)
    return (
      <td class="none">
        –<span class="unseen"> not measured</span>
      </td>
    );
  const { phase, value, score, message, isDryRun } = metric;
  const shown = score === undefined ? value && shortValue(value) : `score ${shortNumber(score)}`;
  return (
    <td data-phase={phase} title={[phase, value, message].filter((part) => part).join(' · ')}>
      <span class="cell">
        <PhaseMark phase={phase} />
        {shown === undefined || shown === '' ? (
          phase
        ) : (
          <>
            <Text>{shown}</Text>
            <span class="unseen">, {phase}</span>
          </>
        )}
        {isDryRun && <span class="dry">dry run</span>}
      </span>
    </td>
  );
}

/** Neighbours of one release stand under one head. */
function releasesOf(runs: readonly PastRun[]): readonly { readonly release: string; readonly count: number }[] {
  const releases: { release: string; count: number }[] = [];
  for (const { release } of runs) {
    const last = releases.at(-1);
    if (last?.release === release) last.count += 1;
    else releases.push({ release, count: 1 });
  }
  return releases;
}
