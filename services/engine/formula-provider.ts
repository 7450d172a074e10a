import Type, { type Static } from 'typebox';
import { defineProvider, type Provider, type ProviderCall, ProviderError } from '../../providers/contract.ts';
import { decidesItself } from '../analysis/self-deciding.ts';
import type { Result } from '../domain/result.ts';
import type { ProviderSpec } from '../domain/template.ts';
import { type Formula, FormulaError, type FormulaValue, parseFormula } from './formula.ts';
import type { Measurer } from './ports.ts';

export const FormulaQuery = Type.Object(
  {
    expression: Type.String({
      description:
        'The formula over the names of the queries: numbers, + - * / % ^, parentheses, and functions such as sum, mean, max.',
    }),
    queries: Type.Record(
      Type.String(),
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
      }),
      {
        description: 'Provider blocks by the names that the formula uses, each as it would stand under provider.',
      },
    ),
  },
  {
    description: 'A metric computed from other queries, of any providers.',
    examples: [
      {
        expression: '100 * errors / requests',
        queries: {
          errors: { prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(errors_total[5m]))' } },
          requests: { prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(requests_total[5m]))' } },
        },
      },
    ],
  },
);
export type FormulaQuery = Static<typeof FormulaQuery>;

/** Parsed formulas that are kept: a template is measured again and again. */
const MOST_FORMULAS = 1000;

/** `formula`: asks its queries at once, as if each were a metric of its own, and computes. Throws no-data when one of them has none. */
export function formulaProvider(measurerOf: () => Measurer): Provider {
  const parsed = new Map<string, Promise<Formula>>();
  const formulaOf = ({ expression, queries }: FormulaQuery): Promise<Formula> => {
    const names = Object.keys(queries);
    const key = JSON.stringify([expression, names]);
    let formula = parsed.get(key);
    if (formula === undefined) {
      if (parsed.size >= MOST_FORMULAS) parsed.clear();
      formula = parseFormula(expression, names);
      parsed.set(key, formula);
    }
    return formula;
  };

  return defineProvider<FormulaQuery>({
    member: 'formula',
    typeName: 'Formula',
    schema: FormulaQuery,
    account: () => 'formula',
    // Its queries are shared where they are asked.
    shareable: false,
    async measure(call) {
      try {
        const formula = await formulaOf(call.query);
        for (const name of formula.names) {
          const problem = queryProblem(call.query.queries[name]);
          if (problem !== undefined) throw new FormulaError(`query ${name} ${problem}`);
        }
        const values = await Promise.all(
          formula.names.map(async (name) => [name, await valueOfQuery(measurerOf(), call, name)] as const),
        );
        const outcome = formula.evaluate(Object.fromEntries(values));
        return {
          result: { type: 'float64', value: outcome },
          value: textOf(outcome),
          metadata: Object.fromEntries(values.map(([name, value]) => [name, textOf(value)])),
        };
      } catch (error) {
        if (error instanceof FormulaError) throw new ProviderError('refused', error.message, { cause: error });
        throw error;
      }
    },
  });
}

/** Why a query cannot be one of a formula. Known before anything is asked, since asking some sources starts something: a Job, an execution. */
export function queryProblem(provider: ProviderSpec = {}): string | undefined {
  if ('formula' in provider || 'canary' in provider) return 'is a formula or canary itself: write its queries here';
  return decidesItself({ provider }) ? 'gives a verdict and no number: make it a metric of its own' : undefined;
}

async function valueOfQuery(measurer: Measurer, call: ProviderCall<FormulaQuery>, name: string): Promise<FormulaValue> {
  const provider = call.query.queries[name] ?? {};
  const { run, metric, attempt, now, signal } = call;
  const reading = await measurer.measure({ run, metric, attempt, now, signal, provider }).catch((error: unknown) => {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `query ${name}: ${error.message}`, { cause: error });
  });
  if ('deferred' in reading || reading.result === undefined)
    throw new FormulaError(`query ${name} does not give a number at once; formulas need one that does`);
  return numberOf(reading.result, name);
}

/** A number, or the numbers of several series. */
function numberOf(result: Result, name: string): FormulaValue {
  switch (result.type) {
    case 'float64':
      return result.value;
    case '*float64':
      if (result.value !== null) return result.value;
      break;
    case '[]float64':
      if (result.value !== null && result.value.length > 0) return result.value;
      break;
    case 'int':
    case 'int64':
    case 'uint64':
      return Number(result.value);
    case 'nil':
      break;
    case '[]interface {}':
      if (result.value.length === 0) break;
      if (result.value.every((item) => typeof item === 'number')) return result.value;
      throw new FormulaError(`query ${name} gives a list that holds more than numbers`);
    default:
      throw new FormulaError(`query ${name} gives ${result.type}, not a number`);
  }
  throw new ProviderError('no-data', `query ${name} has no data`);
}

const textOf = (value: FormulaValue): string => (typeof value === 'number' ? String(value) : `[${value.join(',')}]`);
