import './comparison.css';
import { shortNumber } from '../../../../charts/scale.ts';
import type { Judgement } from '../../../../domain/judgement.ts';
import type { Comparison } from '../../../../judge/comparison.ts';
import { DataTable } from '../data-table.tsx';
import { Notice } from '../notice.tsx';
import { Text } from '../text.tsx';
import { Classified } from './classified.tsx';
import { MetricComparison } from './metric-comparison.tsx';

/** Of more metrics than this, those that pass are folded up. */
const MOST_OPEN = 4;

/** One judgement: the score, its groups, and every metric with its samples. */
export function ComparisonView({ comparison: { thresholds, judgement, pairs } }: { readonly comparison: Comparison }) {
  const { score, results, warnings = [] } = judgement;
  return (
    <>
      <div class="score">
        <b>{shortNumber(score.score)}</b>
        <div>
          <Classified as={score.classification} />{' '}
          <span class="quiet">
            pass from {thresholds.pass}, marginal from {thresholds.marginal} · {judgement.judgeName}
          </span>
          <meter
            min={0}
            max={100}
            low={thresholds.marginal}
            high={thresholds.pass}
            optimum={100}
            value={score.score}
            aria-label="Score of 100"
          />
        </div>
      </div>
      {score.classificationReason !== '' && (
        <p>
          <Text>{score.classificationReason}</Text>
        </p>
      )}
      {warnings.map((warning) => (
        <Notice key={warning} tone="unsure">
          <Text>{warning}</Text>
        </Notice>
      ))}
      <Groups judgement={judgement} />
      {results.map((result, index) => (
        <MetricComparison
          key={result.id ?? index}
          result={result}
          pair={pairs[index]}
          isOpen={results.length <= MOST_OPEN || result.classification !== 'Pass'}
        />
      ))}
    </>
  );
}

function Groups({ judgement: { groupScores, results } }: { readonly judgement: Judgement }) {
  if (groupScores.length === 0) return null;
  return (
    <DataTable
      label="Scores by group"
      rows={groupScores}
      keyOf={({ name }) => name}
      columns={[
        { head: 'Group', cell: ({ name }) => <Text>{name}</Text> },
        { head: 'Score', cell: ({ score }) => shortNumber(score), isNumber: true },
        {
          head: 'Metrics',
          cell: (group) =>
            results
              .filter(({ groups, muted }) => groups.includes(group.name) && !muted)
              .map(({ name, classification }, index) => (
                <span key={`${name} ${index}`} class="group-member">
                  <Text>{name}</Text> <Classified as={classification} />
                </span>
              )),
        },
      ]}
    />
  );
}
