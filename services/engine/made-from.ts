import type { ObjectMeta, Resource } from '../domain/resource.ts';
import type { AnalysisTemplate } from '../domain/template.ts';

/**
 * On a run: the templates that it was put together from, as `AnalysisTemplate/NAME` and `ClusterAnalysisTemplate/NAME`, separated by commas. Nothing else in a
 * stored run tells, since templates are expanded when it is created. An annotation, since a label holds neither a slash of this kind nor 253 characters.
 */
export const MADE_FROM = 'assay/templates';

type TemplateName = Pick<AnalysisTemplate, 'kind'> & { readonly metadata: Pick<ObjectMeta, 'name'> };

/** The metadata with these templates noted, behind those that were noted before. */
export function notingTemplates<Meta extends Partial<ObjectMeta>>(
  metadata: Meta,
  templates: readonly TemplateName[],
): Meta {
  const noted = new Set([...namesIn(metadata), ...templates.map(nameOf)]);
  if (noted.size === 0) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [MADE_FROM]: [...noted].join(',') } };
}

/** Whether a template is among those that a run was put together from. A namespaced template makes runs of its own namespace only. */
export function isMadeFrom({ metadata }: Resource, template: TemplateName & Resource): boolean {
  const isNear = template.kind === 'ClusterAnalysisTemplate' || metadata.namespace === template.metadata.namespace;
  return isNear && namesIn(metadata).includes(nameOf(template));
}

function namesIn({ annotations }: Partial<ObjectMeta>): readonly string[] {
  return (annotations?.[MADE_FROM] ?? '').split(',').filter((name) => name !== '');
}

function nameOf({ kind, metadata }: TemplateName): string {
  return `${kind}/${metadata.name}`;
}
