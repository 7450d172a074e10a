import { error, type Finding, warning } from '../analysis/lint/finding.ts';
import type { Metric } from '../domain/template.ts';
import { FormulaError, parseFormula } from './formula.ts';
import { type FormulaQuery, queryProblem } from './formula-provider.ts';

/** What is wrong with the `formula` metrics of a template or run. */
export async function lintFormula(metrics: readonly Metric[] = []): Promise<readonly Finding[]> {
  const found = metrics.map(async (metric, index) => {
    const query = metric.provider?.['formula'] as FormulaQuery | undefined;
    return query === undefined ? [] : lintQuery(query, `spec.metrics[${index}].provider.formula`);
  });
  return (await Promise.all(found)).flat();
}

async function lintQuery({ expression, queries }: FormulaQuery, path: string): Promise<readonly Finding[]> {
  const names = Object.keys(queries);
  const findings: Finding[] = names.flatMap((name) => {
    const problem = queryProblem(queries[name]);
    return problem === undefined
      ? []
      : [error(`${path}.queries.${name}`, `every measurement ends in Error: the query ${problem}`)];
  });
  if (expression.includes('{{')) return findings;
  try {
    const used = (await parseFormula(expression, names)).names;
    const unused = names.filter((name) => !used.includes(name));
    return [
      ...findings,
      ...unused.map((name) => warning(`${path}.queries.${name}`, 'the formula does not use it: it is never asked')),
    ];
  } catch (cause) {
    if (!(cause instanceof FormulaError)) throw cause;
    return [...findings, error(`${path}.expression`, `every measurement ends in Error: ${cause.message}`)];
  }
}
