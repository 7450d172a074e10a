import { RUN_FAMILIES, runLines } from '../../../../services/api/series/run-lines.ts';
import type { AnalysisRun } from '../../../../services/domain/run.ts';
import { providerTypes } from '../../../../services/wiring/provider-schemas.ts';
import type { KindTable } from './index.ts';

/** Section 14.2: the series of a run. Assay's own beside Argo's are not part of the facts. */
export const exportedKinds: KindTable = {
  metricsExposition: async ({ run }: { readonly run: AnalysisRun }) => {
    const { text } = runLines(run, await providerTypes());
    const lines = RUN_FAMILIES.filter(({ name }) => name.startsWith('analysis_')).flatMap(({ name }) =>
      text[name].trimEnd().split('\n'),
    );
    return { lines: lines.toSorted() };
  },
};
