import type { ObjectMeta, Resource } from '../domain/resource.ts';
import type { AnalysisTemplate } from '../domain/template.ts';
import type { Key } from './ports.ts';

/**
 * On a run: the templates that it was put together from, as `AnalysisTemplate/NAME` and `ClusterAnalysisTemplate/NAME`, separated by commas. Nothing else in a
 * stored run tells, since templates are expanded when it is created. An annotation, since a label's value is too short for it.
 */
export const MADE_FROM = 'assay/templates';

/** The metadata with these templates noted, behind those that were noted before. */
export function notingTemplates<Meta extends Partial<ObjectMeta>>(
  metadata: Meta,
  templates: readonly Pick<AnalysisTemplate, 'kind' | 'metadata'>[],
): Meta {
  const noted = new Set([...namesIn(metadata), ...templates.map(({ kind, metadata }) => `${kind}/${metadata.name}`)]);
  if (noted.size === 0) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [MADE_FROM]: [...noted].join(',') } };
}

/** Where the templates that a run was put together from stand, or stood. */
export function madeFrom({ metadata }: Resource): readonly Key[] {
  return namesIn(metadata).flatMap((noted): Key[] => {
    const [kind, name = ''] = noted.split('/');
    if (kind === 'AnalysisTemplate') return [{ kind, namespace: metadata.namespace ?? '', name }];
    return kind === 'ClusterAnalysisTemplate' ? [{ kind, namespace: '', name }] : [];
  });
}

function namesIn({ annotations }: Partial<ObjectMeta>): readonly string[] {
  return (annotations?.[MADE_FROM] ?? '').split(',').filter((name) => name !== '');
}
