import { equalJson } from '../../admission/equal-json.ts';
import { lintRun, lintTemplate } from '../../analysis/lint.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { AnalysisTemplate } from '../../domain/template.ts';
import { lintCanary } from '../../engine/lint-canary.ts';

/** What Argo accepts and its user regrets, said while it is being written. Only changed specs are looked at. */
export function adviceOn(document: Resource, before?: Resource): string[] {
  if (equalJson((document as AnalysisTemplate).spec, (before as AnalysisTemplate | undefined)?.spec)) return [];
  return findingsOn(document as AnalysisTemplate | AnalysisRun).map(({ path, message, fix }) =>
    [path, message]
      .filter((part) => part !== '')
      .join(': ')
      .concat(fix === undefined ? '' : ` (${fix})`),
  );
}

function findingsOn(document: AnalysisTemplate | AnalysisRun) {
  switch (document.kind) {
    case 'AnalysisRun':
      return [...lintRun(document), ...lintCanary(document.spec.metrics)];
    case 'AnalysisTemplate':
    case 'ClusterAnalysisTemplate':
      return [...lintTemplate(document), ...lintCanary(document.spec.metrics)];
    default:
      // Events and namespaces.
      return [];
  }
}
