import { pathTo } from '../../data/send.ts';
import { hrefTo } from '../../router.ts';

/** Where a template stands; cluster templates have an empty namespace. */
export interface TemplatePlace {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const placeOf = (params: Readonly<Record<string, string>>): TemplatePlace => {
  const { namespace, name = '' } = params;
  return namespace === undefined
    ? { kind: 'ClusterAnalysisTemplate', namespace: '', name }
    : { kind: 'AnalysisTemplate', namespace, name };
};

export const templateHref = ({ kind, namespace, name }: TemplatePlace): string =>
  kind === 'AnalysisTemplate' ? hrefTo('/templates', namespace, name) : hrefTo('/clustertemplates', name);

export const templatePath = ({ kind, namespace, name }: TemplatePlace): string =>
  kind === 'AnalysisTemplate' ? pathTo('/ui/api/templates', namespace, name) : pathTo('/ui/api/clustertemplates', name);
