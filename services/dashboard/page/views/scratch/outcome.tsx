import type { TriedCondition, TriedMetric } from '../../../../engine/try-metric.ts';
import { Findings } from '../../components/findings.tsx';
import { PhaseBadge } from '../../components/phase.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';

/** What came of a trial: the value, what each condition made of it, and the measurement that a run would record. */
export function Outcome({ measurement, value, resultType, conditions, notes, findings, durationMs }: TriedMetric) {
  const { phase, message, metadata = {} } = measurement;
  return (
    <div class="trial">
      <Section title="Recorded as" aside={<span class="quiet">answered within {durationMs} ms</span>}>
        <p>
          <PhaseBadge phase={phase} />
        </p>
        {message !== undefined && (
          <p>
            <Text>{message}</Text>
          </p>
        )}
      </Section>
      <Section title="Value" aside={resultType === undefined ? null : <code>{resultType}</code>}>
        {value === undefined ? (
          <p class="quiet">None was read.</p>
        ) : (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
            <pre class="value" tabIndex={0}>
              <Text>{value}</Text>
            </pre>
            {measurement.value === undefined && <p class="quiet">The measurement of a run would not keep it.</p>}
          </>
        )}
      </Section>
      {conditions.length > 0 && (
        <Section title="Conditions">
          <ul class="conditions">
            {conditions.map((condition) => (
              <Condition {...condition} />
            ))}
          </ul>
        </Section>
      )}
      <Notes title="Notes on the metric" notes={notes} />
      <Notes title="Notes on the measurement" notes={metadata} />
      {findings.length > 0 && (
        <Section title="What lint says">
          <Findings findings={findings} />
        </Section>
      )}
    </div>
  );
}

function Condition({ field, text, held, error }: TriedCondition) {
  return (
    <li>
      <div>
        {field}{' '}
        <code>
          <Text>{text}</Text>
        </code>{' '}
        {error === undefined && (
          <b class={held === undefined ? 'quiet' : ''}>
            {held === undefined ? 'not evaluated: there is no value' : `is ${held}`}
          </b>
        )}
      </div>
      {error !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <pre class="scroll error" tabIndex={0}>
          <Text>{error}</Text>
        </pre>
      )}
    </li>
  );
}

function Notes({ title, notes }: { readonly title: string; readonly notes: Readonly<Record<string, string>> }) {
  const entries = Object.entries(notes);
  if (entries.length === 0) return null;
  return (
    <Section title={title}>
      <dl class="notes">
        {entries.map(([name, text]) => (
          <>
            <dt>
              <Text>{name}</Text>
            </dt>
            <dd>
              <code>
                <Text>{text}</Text>
              </code>
            </dd>
          </>
        ))}
      </dl>
    </Section>
  );
}
