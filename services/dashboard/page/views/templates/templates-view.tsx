import './templates.css';
import type { TemplateSummary } from '../../../template-routes.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { PhaseMark } from '../../components/phase.tsx';
import { Text } from '../../components/text.tsx';
import { useLive } from '../../data/load.ts';
import { moment } from '../../format/time.ts';
import { hrefTo, replaceQuery } from '../../router.ts';
import type { ViewProps } from '../../view.ts';
import { templateHref } from '../template/template-place.ts';

/** Every template with what is wrong with it and how its runs went. */
export function TemplatesView({ query }: ViewProps) {
  const loaded = useLive<{ readonly templates: readonly TemplateSummary[] }>('/ui/api/templates');
  const text = query.get('text') ?? '';
  return (
    <>
      <h1>Templates</h1>
      <Loading of={loaded}>
        {({ templates }) =>
          templates.length === 0 ? (
            <Notice tone="quiet">
              There are no templates yet. <code>kubectl apply -f template.yaml</code>, with an AnalysisTemplate in the
              file, makes one.
            </Notice>
          ) : (
            <>
              <label class="filter">
                <span class="unseen">Templates with this text</span>
                <input
                  type="search"
                  placeholder="Name, namespace or metric"
                  value={text}
                  onInput={({ currentTarget }) => replaceQuery({ text: currentTarget.value })}
                />
              </label>
              <TemplateTable templates={templates.filter((template) => hasText(template, text))} />
            </>
          )
        }
      </Loading>
    </>
  );
}

function hasText({ namespace, name, metrics }: TemplateSummary, text: string): boolean {
  const wanted = text.toLowerCase();
  return [namespace, name, ...metrics].some((each) => each.toLowerCase().includes(wanted));
}

const MOST_METRICS = 4;

function TemplateTable({ templates }: { readonly templates: readonly TemplateSummary[] }) {
  return (
    <DataTable
      label="Templates"
      rows={templates}
      keyOf={({ kind, namespace, name }) => `${kind}/${namespace}/${name}`}
      columns={[
        {
          head: 'Namespace',
          cell: ({ kind, namespace }) =>
            kind === 'AnalysisTemplate' ? <Text>{namespace}</Text> : <span class="quiet">all (cluster)</span>,
        },
        {
          head: 'Template',
          cell: (template) => (
            <a href={templateHref(template)}>
              <Text>{template.name}</Text>
            </a>
          ),
        },
        { head: 'Metrics', cell: ({ metrics }) => <Text>{metricNames(metrics)}</Text> },
        { head: 'Findings', cell: (template) => <Findings {...template} /> },
        { head: 'Newest verdicts, newest first', cell: (template) => <Verdicts {...template} /> },
        { head: 'Runs', cell: ({ runs }) => runs, isNumber: true },
      ]}
    />
  );
}

function metricNames(names: readonly string[]): string {
  const more = names.length - MOST_METRICS;
  return `${names.slice(0, MOST_METRICS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function Findings({ errors, warnings }: TemplateSummary) {
  if (errors + warnings === 0) return <span class="quiet">none</span>;
  return (
    <>
      {errors > 0 && <b class="errors">{counted(errors, 'error')}</b>}
      {errors > 0 && warnings > 0 && ', '}
      {warnings > 0 && <span class="warnings">{counted(warnings, 'warning')}</span>}
    </>
  );
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function Verdicts({ verdicts }: TemplateSummary) {
  if (verdicts.length === 0) return <span class="quiet">no runs yet</span>;
  return (
    <ol class="verdicts">
      {verdicts.map(({ namespace, name, phase, createdAt }) => (
        <li>
          <a
            href={hrefTo('/runs', namespace, name)}
            data-phase={phase}
            aria-label={`${phase}: ${name}`}
            title={`${phase} · ${name}${createdAt === undefined ? '' : ` · ${moment(createdAt)}`}`}
          >
            <PhaseMark phase={phase} />
          </a>
        </li>
      ))}
    </ol>
  );
}
