import { equalJson } from '../../admission/equal-json.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { AnalysisTemplate } from '../../domain/template.ts';
import { lintDocument } from '../../engine/lint-document.ts';

/** What Argo accepts and its user regrets, said while it is being written. Only changed specs are looked at. */
export async function adviceOn(document: Resource, before?: Resource): Promise<readonly string[]> {
  if (!isLinted(document)) return [];
  if (equalJson(document.spec, (before as AnalysisTemplate | undefined)?.spec)) return [];
  return (await lintDocument(document)).map(({ path, message, fix }) =>
    [path, message]
      .filter((part) => part !== '')
      .join(': ')
      .concat(fix === undefined ? '' : ` (${fix})`),
  );
}

/** Events and namespaces are not. */
function isLinted(document: Resource): document is AnalysisTemplate | AnalysisRun {
  return ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'].includes(document.kind);
}
