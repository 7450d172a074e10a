import type { RunDetail } from '../../../run-detail.ts';
import { Text } from '../../components/text.tsx';
import { templateHref } from '../template/template-place.ts';

/** To the templates that a run was put together from, and so to their other runs. */
export function MadeFrom({ templates }: Pick<RunDetail, 'templates'>) {
  if (templates.length === 0) return null;
  return (
    <p>
      <span class="quiet">Made from</span>{' '}
      {templates.map((template, index) => (
        <span key={templateHref(template)}>
          {index > 0 && ', '}
          <a href={templateHref(template)}>
            <Text>{template.name}</Text>
          </a>
        </span>
      ))}
    </p>
  );
}
