import { type Finding, lintRun, lintTemplate } from '../analysis/lint.ts';
import type { AnalysisRun, NewAnalysisRun } from '../domain/run.ts';
import type { AnalysisTemplate } from '../domain/template.ts';
import { lintCanary } from './lint-canary.ts';
import { lintFormula } from './lint-formula.ts';

/** Everything that is known to be wrong or surprising in a template or run, before anything runs: what `lint`, warnings and the dashboard say alike. */
export async function lintDocument(
  document: AnalysisTemplate | AnalysisRun | NewAnalysisRun,
): Promise<readonly Finding[]> {
  const { metrics } = document.spec;
  const findings = document.kind === 'AnalysisRun' ? lintRun(document) : lintTemplate(document);
  return [...findings, ...lintCanary(metrics), ...(await lintFormula(metrics))];
}
