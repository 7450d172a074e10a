import type { TSchema } from 'typebox';

/**
 * The schema of everything that may stand under `metric.provider`: the registry's sources, and the engine's and Kayenta's own. Apart from the rest because
 * the description of the API needs it without a program around it.
 */
export async function allProviderSchemas(): Promise<Readonly<Record<string, TSchema>>> {
  const [{ providerSchemas }, { FormulaQuery }, { CanaryQuery }, { CanaryExecutionQuery }, { CanaryAnalysisQuery }] =
    await Promise.all([
      import('../../providers/registry.ts'),
      import('../engine/formula-provider.ts'),
      import('../engine/canary-query.ts'),
      import('../kayenta/canary-execution.ts'),
      import('../kayenta/canary-analysis.ts'),
    ]);
  return {
    ...providerSchemas,
    formula: FormulaQuery,
    canary: CanaryQuery,
    canaryExecution: CanaryExecutionQuery,
    canaryAnalysis: CanaryAnalysisQuery,
  };
}
