// How fast conditions are read and run, beside plain JavaScript functions that do the same.
import type { Result } from '../../services/domain/result.ts';
import { checkCondition, evaluateCondition } from '../../services/expression/condition.ts';

interface Subject {
  readonly condition: string;
  readonly result: Result;
  readonly plain: () => boolean;
}

export interface ExpressionTiming {
  readonly condition: string;
  /** Reading, checking, rewriting and making ready to run. */
  readonly compileNs: number;
  /** Evaluating against a result, the program being in the cache. */
  readonly evaluateNs: number;
  readonly plainNs: number;
  /** How many times longer than plain JavaScript. */
  readonly ratio: number;
}

const floats = [0.99, 0.5, 0.75];
const web = { ok: true, successPercent: 0.93 };
const newrelic = {
  service_apdex: { values: { values: [9910, 9950, 9990, 9970, 9930].map((value) => ({ value: String(value) })) } },
};
const nothing: { readonly value: number | null } = { value: null };

const subjects: readonly Subject[] = [
  {
    condition: 'result[0] >= 0.95',
    result: { type: '[]float64', value: floats },
    plain: () => floats[0]! >= 0.95,
  },
  {
    condition: 'len(result) == 0 || isNaN(result[0]) || result[0] >= 0.95',
    result: { type: '[]float64', value: [0.99] },
    plain: () => floats.length === 0 || Number.isNaN(floats[0]) || floats[0]! >= 0.95,
  },
  {
    condition: 'result.ok && result.successPercent >= 0.90',
    result: { type: 'map[string]interface {}', value: web },
    plain: () => web.ok && web.successPercent >= 0.9,
  },
  {
    condition: 'all(result.service_apdex.values.values, {asFloat(.value) >= 9900})',
    result: { type: 'map[string]interface {}', value: newrelic },
    plain: () => newrelic.service_apdex.values.values.every(({ value }) => Number(value) >= 9900),
  },
  {
    condition: 'default(result, 0) < 0.05',
    result: { type: '*float64', value: null },
    plain: () => (nothing.value ?? 0) < 0.05,
  },
];

const ROUNDS = 7;

/** Nanoseconds a call, the best of several rounds: what the machine can do rather than what else it was doing. */
function nanosecondsPerCall(call: () => unknown, calls: number): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < calls; count++) sink = call();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls);
  }
  return best;
}

/** Keeps the optimiser from dropping calls whose outcome nobody looks at. */
let sink: unknown;

export async function benchExpression(): Promise<readonly ExpressionTiming[]> {
  return subjects.map(({ condition, plain, result }) => {
    const outcome = evaluateCondition(condition, result, 0);
    if (!outcome.ok) throw outcome.error;
    const compileNs = nanosecondsPerCall(() => checkCondition(condition, result.type), 2_000);
    const evaluateNs = nanosecondsPerCall(() => evaluateCondition(condition, result, 0), 100_000);
    const plainNs = nanosecondsPerCall(plain, 1_000_000);
    return { condition, compileNs, evaluateNs, plainNs, ratio: evaluateNs / plainNs };
  });
}

if (import.meta.main) {
  for (const { compileNs, condition, evaluateNs, plainNs, ratio } of await benchExpression()) {
    const figures = [compileNs, evaluateNs, plainNs].map((figure) => figure.toFixed(0).padStart(7)).join('');
    console.log(`${figures} ns ${ratio.toFixed(0).padStart(5)}×  ${condition}`);
  }
  if (sink === undefined) throw new Error('nothing was measured');
}
