import './template.css';
import type { AnalysisTemplate } from '../../../../domain/template.ts';
import type { TemplateDescription } from '../../../describe-template.ts';
import type { TemplateHistory } from '../../../template-history.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Findings } from '../../components/findings.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { useLive } from '../../data/load.ts';
import type { ViewProps } from '../../view.ts';
import { Heatmap } from './heatmap.tsx';
import { History } from './history.tsx';
import { RunForm } from './run-form.tsx';
import { placeOf, templateHref, templatePath } from './template-place.ts';

/** A template: what is wrong with it, what it measures, a form that runs it, and how its runs went. */
export function TemplateView({ params }: ViewProps) {
  const place = placeOf(params);
  const path = templatePath(place);
  const described = useLive<TemplateDescription>(path);
  const past = useLive<TemplateHistory>(`${path}/history`);
  return (
    <>
      <div>
        <h1>
          <Text>{place.name}</Text>
        </h1>
        <p class="quiet">
          {place.kind === 'AnalysisTemplate' ? (
            <>
              AnalysisTemplate in <Text>{place.namespace}</Text>
            </>
          ) : (
            'ClusterAnalysisTemplate, for every namespace'
          )}
        </p>
      </div>
      <Loading of={described}>
        {(description) => (
          <>
            {description.findings.length > 0 && <Findings findings={description.findings} />}
            <div class="template-parts">
              <Metrics {...description} />
              <Section title="Run it">
                <RunForm key={path} {...description} />
              </Section>
            </div>
          </>
        )}
      </Loading>
      <Loading of={past}>{(history) => <Past {...history} />}</Loading>
    </>
  );
}

function Past({ total, runs }: TemplateHistory) {
  if (runs.length === 0)
    return (
      <Section title="History">
        <Notice tone="quiet">No run that is stored was made from it.</Notice>
      </Section>
    );
  const shown = total > runs.length ? `the newest ${runs.length} of ${total} runs` : `${total} runs`;
  return (
    <>
      <Section title="Metrics by release" aside={<span class="quiet">{shown}, newest first</span>}>
        <Heatmap runs={runs} />
      </Section>
      <Section title="History">
        <div class="history">
          <History runs={runs} />
        </div>
      </Section>
    </>
  );
}

function Metrics({ template, others }: TemplateDescription) {
  return (
    <Section title="What it measures">
      <DataTable
        label="Metrics of the template"
        rows={template.spec.metrics ?? []}
        keyOf={({ name }, index) => `${name} ${index}`}
        columns={[
          { head: 'Metric', cell: ({ name }) => <Text>{name}</Text> },
          { head: 'Source', cell: ({ provider }) => <Text>{Object.keys(provider ?? {}).join(', ')}</Text> },
          { head: 'Conditions', cell: (metric) => <Conditions {...metric} /> },
          { head: 'How often', cell: (metric) => <Text>{rhythmOf(metric)}</Text> },
        ]}
      />
      {others.length > 0 && (
        <p>
          It adds the metrics of{' '}
          {others.map(({ kind, metadata: { namespace = '', name } }, index) => (
            <>
              {index > 0 && ', '}
              <a href={templateHref({ kind, namespace, name })}>
                <Text>{name}</Text>
              </a>
            </>
          ))}
          .
        </p>
      )}
    </Section>
  );
}

type Metric = NonNullable<AnalysisTemplate['spec']['metrics']>[number];

function Conditions({ successCondition, failureCondition }: Metric) {
  if (!successCondition && !failureCondition) return <span class="quiet">none</span>;
  return (
    <>
      {successCondition && (
        <div>
          succeeds when{' '}
          <code>
            <Text>{successCondition}</Text>
          </code>
        </div>
      )}
      {failureCondition && (
        <div>
          fails when{' '}
          <code>
            <Text>{failureCondition}</Text>
          </code>
        </div>
      )}
    </>
  );
}

function rhythmOf({ count, interval }: Metric): string {
  if (interval === undefined) return 'once';
  return count === undefined || Number(count) === 0
    ? `every ${interval}, until it is stopped`
    : `${count} times, every ${interval}`;
}
