import type { Metric } from '../../../../domain/template.ts';
import { Text } from '../../components/text.tsx';

const SETTINGS = [
  'interval',
  'initialDelay',
  'count',
  'failureLimit',
  'inconclusiveLimit',
  'consecutiveErrorLimit',
  'consecutiveSuccessLimit',
] as const;

/** What the metric asks, of whom, and by which conditions it is judged. */
export function MetricSettings({
  metric,
  metadata = {},
}: {
  readonly metric: Metric;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}) {
  const [[provider, block] = ['', {}]] = Object.entries(metric.provider ?? {}) as [string, unknown][];
  const fields = Object.entries((block ?? {}) as Readonly<Record<string, unknown>>);
  // A resolved query that is the query says nothing new.
  const noted = Object.entries(metadata).filter(([, value]) => !fields.some(([, known]) => known === value));
  const set = SETTINGS.flatMap((name) => (metric[name] === undefined ? [] : [`${name} ${metric[name]}`]));
  return (
    <dl class="settings">
      <Setting name="successCondition" value={metric.successCondition} />
      <Setting name="failureCondition" value={metric.failureCondition} />
      {noted.map(([name, value]) => (
        <Setting key={name} name={name} value={value} />
      ))}
      {fields.map(([name, value]) => (
        <Setting
          key={name}
          name={`${provider}.${name}`}
          value={typeof value === 'string' ? value : JSON.stringify(value)}
        />
      ))}
      <Setting name="settings" value={set.join(', ')} />
    </dl>
  );
}

function Setting({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt>
        <Text>{name}</Text>
      </dt>
      <dd>
        <code>
          <Text>{value}</Text>
        </code>
      </dd>
    </div>
  );
}
