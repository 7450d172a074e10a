import type { Resource } from '../../domain/resource.ts';
import type { AnalysisTemplate } from '../../domain/template.ts';
import type { Fold } from './follow.ts';
import type { TypeOf } from './run-lines.ts';
import { type Family, sample } from './text-format.ts';

/** People write templates, so there are hundreds; whoever generates them must not fill Prometheus. */
const MOST_TEMPLATES = 2_000;

/** Argo's, by name and label; cluster templates have an empty namespace. */
export const TEMPLATE_FAMILIES = [
  { name: 'analysis_template_info', type: 'gauge', help: 'Information about analysis templates.' },
  {
    name: 'analysis_template_metric_info',
    type: 'gauge',
    help: 'Information on metrics in analysis templates.',
  },
] as const satisfies readonly Family[];

type TemplateFamily = (typeof TEMPLATE_FAMILIES)[number]['name'];
type TemplateLines = Readonly<Record<TemplateFamily, string>>;

/** The templates of one kind. */
export class TemplateSeries implements Fold {
  readonly #lines = new Map<string, TemplateLines>();
  readonly #typeOf: TypeOf;
  #total = 0;

  constructor(typeOf: TypeOf) {
    this.#typeOf = typeOf;
  }

  apply(before: Resource | undefined, after: Resource | undefined): void {
    if (before === undefined) this.#total += 1;
    if (after === undefined) {
      this.#total -= 1;
      this.#lines.delete(idOf(before!));
    } else if (this.#lines.has(idOf(after)) || this.#lines.size < MOST_TEMPLATES)
      this.#lines.set(idOf(after), this.#linesOf(after as AnalysisTemplate));
  }

  get lines(): readonly TemplateLines[] {
    return [...this.#lines.values()];
  }

  get omitted(): number {
    return this.#total - this.#lines.size;
  }

  #linesOf({ metadata, spec }: AnalysisTemplate): TemplateLines {
    const { name, namespace = '' } = metadata;
    const metrics = (spec.metrics ?? []).map((metric) =>
      sample(
        'analysis_template_metric_info',
        { namespace, name, metric: metric.name, type: this.#typeOf(metric.provider) },
        1,
      ),
    );
    return {
      analysis_template_info: sample('analysis_template_info', { namespace, name }, 1),
      analysis_template_metric_info: metrics.join(''),
    };
  }
}

function idOf({ metadata }: Resource): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
