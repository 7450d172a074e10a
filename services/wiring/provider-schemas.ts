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

/** Argo's name for the type of a metric, as logs and series have it. Of several members of one block Argo uses the first in its order. */
export async function providerTypes(): Promise<(provider: Readonly<Record<string, unknown>> | undefined) => string> {
  const { MEMBER_ORDER, registry } = await import('../../providers/registry.ts');
  return (provider) => {
    const members = Object.keys(provider ?? {});
    const member = MEMBER_ORDER.find((each) => members.includes(each)) ?? members[0];
    if (member === undefined) return UNKNOWN;
    if (OWN.has(member)) return member[0]!.toUpperCase() + member.slice(1);
    return Object.hasOwn(registry, member) ? registry[member]!.typeName : UNKNOWN;
  };
}

const OWN = new Set(['formula', 'canary', 'canaryExecution', 'canaryAnalysis']);
const UNKNOWN = 'Unknown Provider';
