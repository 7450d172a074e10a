import type { AnalysisRun } from '../../../../domain/run.ts';
import { Ago } from '../../components/ago.tsx';
import { Text } from '../../components/text.tsx';
import { duration, moment } from '../../format/time.ts';

/** When it ran, with which arguments, under which labels. */
export function RunFacts({ run: { metadata, spec, status = {} } }: { readonly run: AnalysisRun }) {
  const { startedAt, completedAt } = status;
  const took = Date.parse(completedAt ?? '') - Date.parse(startedAt ?? '');
  const labels = Object.entries(metadata.labels ?? {});
  const args = spec.args ?? [];
  return (
    <dl class="facts">
      <div>
        <dt>Age</dt>
        <dd>
          <Ago time={metadata.creationTimestamp} />
        </dd>
      </div>
      {startedAt !== undefined && (
        <div>
          <dt>Started</dt>
          <dd>{moment(startedAt)}</dd>
        </div>
      )}
      {completedAt !== undefined && (
        <div>
          <dt>Completed</dt>
          <dd>
            {moment(completedAt)}
            {took >= 0 && `, after ${duration(took)}`}
          </dd>
        </div>
      )}
      {args.length > 0 && (
        <div>
          <dt>Arguments</dt>
          <dd>
            {args.map(({ name, value, valueFrom }) => (
              <code key={name} class="pair">
                <Text>{`${name}=${valueFrom === undefined ? (value ?? '') : secretText(valueFrom)}`}</Text>
              </code>
            ))}
          </dd>
        </div>
      )}
      {labels.length > 0 && (
        <div>
          <dt>Labels</dt>
          <dd>
            {labels.map(([key, value]) => (
              <code key={key} class="pair">
                <Text>{`${key}=${value}`}</Text>
              </code>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

function secretText({
  secretKeyRef,
}: NonNullable<NonNullable<AnalysisRun['spec']['args']>[number]['valueFrom']>): string {
  return secretKeyRef === undefined ? 'from a field' : `from the Secret ${secretKeyRef.name}, key ${secretKeyRef.key}`;
}
