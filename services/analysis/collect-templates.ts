import type { AnalysisTemplate, TemplateRef } from '../domain/template.ts';

/** Finds a template of the run's namespace, or a cluster template. */
export type FindTemplate = (
  ref: Required<TemplateRef>,
) => AnalysisTemplate | undefined | Promise<AnalysisTemplate | undefined>;

export interface CollectedTemplates {
  readonly templates: readonly AnalysisTemplate[];
  readonly clusterTemplates: readonly AnalysisTemplate[];
}

/** A reference that leads nowhere, or in a circle. `index` is that of the reference in the list that was asked for. */
export class TemplateRefError extends Error {
  override readonly name = 'TemplateRefError';
  readonly index: number;
  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/**
 * Everything that a list of references leads to, each template once and before what it refers to itself, as first mentioned. A namespaced reference inside
 * a cluster template is looked up in the run's namespace. Throws TemplateRefError; on a circle too, where Argo recurses without end.
 */
export async function collectTemplates(refs: readonly TemplateRef[], find: FindTemplate): Promise<CollectedTemplates> {
  const found = new Map<string, AnalysisTemplate>();

  async function visit(ref: TemplateRef, index: number, path: readonly string[]): Promise<void> {
    const { templateName = '', clusterScope = false } = ref;
    const kind = clusterScope ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
    const key = `${kind} '${templateName}'`;
    if (path.includes(key))
      throw new TemplateRefError(
        index,
        `${key} refers to itself: ${[...path, key].slice(path.indexOf(key)).join(' -> ')}`,
      );
    // Its own references were followed at the first mention.
    if (found.has(key)) return;
    const template = await find({ templateName, clusterScope });
    if (template === undefined) throw new TemplateRefError(index, `${key} not found`);
    found.set(key, template);
    for (const next of template.spec.templates ?? []) await visit(next, index, [...path, key]);
  }

  for (const [index, ref] of refs.entries()) await visit(ref, index, []);
  const all = [...found.entries()];
  return {
    templates: all.filter(([key]) => key.startsWith('A')).map(([, template]) => template),
    clusterTemplates: all.filter(([key]) => key.startsWith('C')).map(([, template]) => template),
  };
}
