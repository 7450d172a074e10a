import { collectTemplates, TemplateRefError } from '../analysis/collect-templates.ts';
import { combineTemplates } from '../analysis/combine-templates.ts';
import type { Finding } from '../analysis/lint.ts';
import type { AnalysisTemplate, Argument, TemplateRef } from '../domain/template.ts';
import { lintDocument } from '../engine/lint-document.ts';
import type { Store } from '../engine/ports.ts';

/** A template as its page shows it. */
export interface TemplateDescription {
  readonly template: AnalysisTemplate;
  /** What a run of it may be given; with those of the templates that it refers to, as far as these are there. */
  readonly arguments: readonly TemplateArgument[];
  /** The templates that it refers to, and what these refer to. */
  readonly others: readonly Pick<AnalysisTemplate, 'kind' | 'metadata'>[];
  readonly findings: readonly Finding[];
}

export interface TemplateArgument extends Argument {
  /** Without a default: a run must be given a value. */
  readonly isRequired: boolean;
}

/** `namespace` is where a cluster template is to run, since what it refers to is looked up there. */
export async function describeTemplate(
  store: Store,
  template: AnalysisTemplate,
  namespace: string,
): Promise<TemplateDescription> {
  const findings = [...(await lintDocument(template))];
  const others = await othersOf(store, template, namespace, findings);
  return {
    template,
    arguments: argumentsOf([template, ...others], findings).map((arg) => ({
      ...arg,
      isRequired: typeof arg.value !== 'string' && !arg.valueFrom,
    })),
    others: others.map(({ kind, metadata: { name, namespace } }) => ({
      kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
    })),
    findings,
  };
}

async function othersOf(
  store: Store,
  template: AnalysisTemplate,
  namespace: string,
  findings: Finding[],
): Promise<readonly AnalysisTemplate[]> {
  const { templates: refs = [] } = template.spec;
  const find = async ({ templateName, clusterScope }: Required<TemplateRef>) =>
    (await store.get(
      clusterScope
        ? { kind: 'ClusterAnalysisTemplate', namespace: '', name: templateName }
        : { kind: 'AnalysisTemplate', namespace, name: templateName },
    )) as AnalysisTemplate | undefined;
  try {
    const { templates, clusterTemplates } = await collectTemplates(refs, find);
    const isOther = ({ kind, metadata }: AnalysisTemplate) =>
      kind !== template.kind || metadata.name !== template.metadata.name;
    return [...templates, ...clusterTemplates].filter(isOther);
  } catch (error) {
    if (!(error instanceof TemplateRefError)) throw error;
    const path = `spec.templates[${error.index}]`;
    // A template that refers to itself has been found already.
    if (!findings.some((finding) => finding.path === path))
      findings.push({ severity: 'error', path, message: `no run can be made of it: ${error.message}` });
    return [];
  }
}

function argumentsOf(templates: readonly AnalysisTemplate[], findings: Finding[]): readonly Argument[] {
  try {
    return combineTemplates(templates.map(({ spec }) => spec)).args;
  } catch (error) {
    findings.push({
      severity: 'error',
      path: 'spec.templates',
      message: `no run can be made of it: ${(error as Error).message}`,
    });
    return templates[0]?.spec.args ?? [];
  }
}
