import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Threshold, type ThresholdOperator, thresholdsOf } from '../../../services/analysis/threshold.ts';
import type { Metric } from '../../../services/domain/template.ts';
import { evaluateCondition } from '../../../services/expression/condition.ts';

const metric = (rest: object, provider: Metric['provider'] = { web: { url: 'u' } }): Metric => ({
  name: 'm',
  provider,
  ...rest,
});
const linesOf = (successCondition: string) =>
  thresholdsOf(metric({ successCondition })).map(({ field: _, ...line }) => line);
/** `< 5`, `[0] >= 0.95`, `.rate > 1` */
const shown = ({ element, member, operator, value }: Omit<Threshold, 'field'>): string =>
  `${element === undefined ? '' : `[${element}] `}${member === undefined ? '' : `.${member} `}${operator} ${value}`;

describe('the lines of a condition', () => {
  it.each([
    { text: 'result < 5', want: ['< 5'] },
    { text: 'result[0] >= 0.95', want: ['[0] >= 0.95'] },
    { text: 'result[-1] != 3', want: ['[-1] != 3'] },
    { text: '0.95 <= result[0]', want: ['[0] >= 0.95'] },
    { text: '5 == result', want: ['== 5'] },
    { text: 'result > -5', want: ['> -5'] },
    { text: 'result.rate >= 0.9', want: ['.rate >= 0.9'] },
    { text: 'result?.rate >= 0.9', want: ['.rate >= 0.9'] },
    { text: 'asFloat(result) < 1_000', want: ['< 1000'] },
    { text: 'float(result[1]) < 0x10', want: ['[1] < 16'] },
    { text: 'result <= asFloat("0.95")', want: ['<= 0.95'] },
    { text: 'default(result, 0) < 0.05', want: ['< 0.05'] },
    { text: '(result ?? 0) < 0.05', want: ['< 0.05'] },
    { text: '(result | asFloat()) < 3', want: ['< 3'] },
    { text: 'first(result) < 3', want: ['[0] < 3'] },
    { text: 'last(result) < 3', want: ['[-1] < 3'] },
    { text: 'max(result) < 3', want: ['< 3'] },
    // Arithmetic.
    { text: 'result * 100 < 5', want: ['< 0.05'] },
    { text: '100 * result[0] < 5', want: ['[0] < 0.05'] },
    { text: 'result * 3 < 0.3', want: ['< 0.1'] },
    { text: '1 - result[0] <= 0.01', want: ['[0] >= 0.99'] },
    { text: '-result < 5', want: ['> -5'] },
    { text: 'result / -2 < 5', want: ['> -10'] },
    { text: 'result - 1 == 2 ** 3 - 10 % 4', want: ['== 7'] },
    { text: 'result > 60 * 60 * 24', want: ['> 86400'] },
    { text: 'result > 9007199254740991', want: ['> 9007199254740991'] },
    { text: 'result * 2 < result + 6', want: ['< 6'] },
    { text: '10 < result - 2 * (1 - result)', want: ['> 4'] },
    // Logic.
    { text: 'result > 1 && result < 5', want: ['> 1', '< 5'] },
    { text: 'result > 1 and result[0] < 5 or result > 9', want: ['> 1', '[0] < 5', '> 9'] },
    { text: '1 < result < 5', want: ['> 1', '< 5'] },
    { text: '!(result < 5)', want: ['>= 5'] },
    { text: 'not (result >= 5 || result == 2)', want: ['< 5', '!= 2'] },
    { text: '!!(result < 5)', want: ['< 5'] },
    { text: 'result < 5 || result < 5', want: ['< 5'] },
    // Lists.
    { text: 'all(result, # < 5)', want: ['< 5'] },
    { text: 'any(result, {# >= 0.9 || # == 0})', want: ['>= 0.9', '== 0'] },
    { text: 'none(result, 100 * # > 5)', want: ['<= 0.05'] },
    { text: 'not all(result, # < 5)', want: ['>= 5'] },
    { text: 'all(result[0].Values, {# <= 0.01})', want: ['[0] <= 0.01'] },
    { text: 'result[1].Values[0] <= 0.01', want: ['[1] <= 0.01'] },
    // Guards.
    { text: 'isNaN(result) || result < 5', want: ['< 5'] },
    { text: 'len(result) == 0 || isNaN(result[0]) || result[0] < 1', want: ['[0] < 1'] },
    { text: 'len(result) > 0 && result[0] < 1', want: ['[0] < 1'] },
    { text: 'result == nil || result < 1', want: ['< 1'] },
    { text: 'result != nil && result.state == "done" && result.rate > 1', want: ['.rate > 1'] },
    { text: 'isNaN(result) ? true : result < 5', want: ['< 5'] },
    { text: 'if len(result) == 0 { false } else { result[0] < 5 }', want: ['[0] < 5'] },
    { text: 'let rate = result[0] * 100; rate > 5 && rate < 10', want: ['[0] > 0.05', '[0] < 0.1'] },
    { text: 'let list = result; all(list, # > 5) && list[1] < 9', want: ['> 5', '[1] < 9'] },
    // What cannot be solved.
    ...[
      '',
      'true',
      'result',
      'result[0]',
      'result ==',
      'result == "ok"',
      'result == true',
      '(result > 5) == true',
      'result > 5 ? result < 9 : result > 3',
      'result[0] < result[1]',
      'result[0] - result[1] < 5',
      'result * result < 5',
      '1 / result < 5',
      'result ** 2 < 5',
      'result * 0 < 5',
      'result / 0 < 5',
      'result < 1 / 0',
      'len(result) < 5',
      'result.a.b < 5',
      'result[0].value < 5',
      'result["a"][0] < 5',
      'all(result, #.value < 5)',
      'all(result, #[0] < 5)',
      'all(result, {let v = #; v.a < 5})',
      'all(result.list, # < 5)',
      'all(result, #index < 5)',
      'count(result, # > 5) < 3',
      'asInt(result) <= 5',
      'asFloat("") < 5',
      'result in 1..5',
      'result < temp-for-secret',
      'result < {{args.max}}',
      `result < 5${' '.repeat(2_000)}`,
      `${'-'.repeat(1_900)}result < 5 )`,
    ].map((text) => ({ text, want: [] })),
  ])('$text', ({ text, want }) => {
    expect(linesOf(text).map(shown)).toEqual(want);
  });

  it('says which condition each belongs to', () => {
    expect(thresholdsOf(metric({ successCondition: 'result[0] < 5', failureCondition: 'result[0] >= 10' }))).toEqual([
      { field: 'successCondition', operator: '<', value: 5, element: 0 },
      { field: 'failureCondition', operator: '>=', value: 10, element: 0 },
    ]);
  });

  it('are none where the source decides itself', () => {
    expect(thresholdsOf(metric({ successCondition: 'result < 5' }, { job: {} }))).toEqual([]);
  });

  it('stand where the condition flips', () => {
    let seen = 0;
    fc.assert(
      fc.property(comparison, ({ text, read }) => {
        const lines = linesOf(text);
        expect(lines).toHaveLength(1);
        const { operator, value } = lines[0]!;
        const step = Math.max(Math.abs(value) * 1e-6, 1e-6);
        for (const number of [value - step, value + step]) {
          const outcome = evaluateCondition(text, read(number), 0);
          expect(outcome).toEqual({ ok: true, value: HOLDS[operator](number, value) });
        }
        seen += 1;
      }),
    );
    expect(seen).toBe(100);
  });
});

const HOLDS: Readonly<Record<ThresholdOperator, (number: number, value: number) => boolean>> = {
  '<': (number, value) => number < value,
  '<=': (number, value) => number <= value,
  '>': (number, value) => number > value,
  '>=': (number, value) => number >= value,
  '==': (number, value) => number === value,
  '!=': (number, value) => number !== value,
};

const constant = fc.double({ min: -1000, max: 1000, noNaN: true }).map((x) => Number(x.toFixed(2)));
const factor = constant.filter((x) => Math.abs(x) >= 0.1);
const written = (x: number) => (x < 0 ? `(${x})` : String(x));
const place = fc.constantFrom(
  { read: (value: number) => ({ type: 'float64' as const, value }), operand: 'result', wrap: (text: string) => text },
  {
    read: (value: number) => ({ type: '[]float64' as const, value: [value] }),
    operand: 'result[0]',
    wrap: (text: string) => `len(result) > 0 && ${text}`,
  },
  {
    read: (value: number) => ({ type: '[]float64' as const, value: [value] }),
    operand: '#',
    wrap: (text: string) => `all(result, {${text}})`,
  },
);
/** Sums and products around one number of the result, on either side of a comparison, negated or not. */
const comparison = fc
  .record({
    place,
    steps: fc.array(
      fc.oneof(
        fc.record({ operator: fc.constantFrom('+', '-'), by: constant, isLeft: fc.boolean() }),
        fc.record({ operator: fc.constant('*'), by: factor, isLeft: fc.boolean() }),
        fc.record({ operator: fc.constant('/'), by: factor, isLeft: fc.constant(false) }),
      ),
      { maxLength: 4 },
    ),
    operator: fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
    against: constant,
    isMirrored: fc.boolean(),
    isNegated: fc.boolean(),
  })
  .map(({ place: { operand, read, wrap }, steps, operator, against, isMirrored, isNegated }) => {
    const side = steps.reduce<string>(
      (text, step) =>
        step.isLeft
          ? `(${written(step.by)} ${step.operator} ${text})`
          : `(${text} ${step.operator} ${written(step.by)})`,
      operand,
    );
    const compared = isMirrored ? `${written(against)} ${operator} ${side}` : `${side} ${operator} ${written(against)}`;
    return { read, text: wrap(isNegated ? `not (${compared})` : compared) };
  });
