import { POD_HASH_LABEL, REVISION_ANNOTATION } from '../analysis/rollout/rollout.ts';
import type { AnalysisRun } from '../domain/run.ts';

/** Where people say which version a run is about when no rollout does: labels first, then arguments, the plainest first. */
const VERSION_LABELS = ['app.kubernetes.io/version', 'version'];
const VERSION_ARGUMENTS = ['version', 'release', 'revision', 'tag', 'image', 'commit', 'sha'];

/** What a run measured a release of, as people call it: a rollout's revision, a version that labels or arguments name, else the run itself. */
export function releaseOf({ metadata, spec }: AnalysisRun): string {
  const { name, labels = {}, annotations = {} } = metadata;
  const revision = annotations[REVISION_ANNOTATION];
  const podHash = labels[POD_HASH_LABEL];
  if (revision) return podHash ? `revision ${revision} (${podHash})` : `revision ${revision}`;
  const said = [
    podHash,
    ...VERSION_LABELS.map((label) => labels[label]),
    ...VERSION_ARGUMENTS.map((wanted) => spec.args?.find((arg) => arg.name === wanted)?.value),
  ];
  return said.find((text) => text) ?? name;
}
