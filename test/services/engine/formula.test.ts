import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormulaError, parseFormula } from '../../../services/engine/formula.ts';

const values = { errors: 3, requests: 200, latencies: [10, 20, 60], one: [7], zero: 0 };
const names = Object.keys(values);

describe('a formula computes a number from the answers of queries', () => {
  it.each([
    { text: '100 * errors / requests', want: 1.5 },
    { text: '(requests - errors) / requests', want: 0.985 },
    { text: '-errors + 2 ^ 3 % 5', want: 0 },
    { text: 'one * 2', want: 14 },
    { text: 'mean(latencies)', want: 30 },
    { text: 'max(latencies) - min(latencies)', want: 50 },
    { text: 'median(latencies) + sum(latencies)', want: 110 },
    { text: 'round(std(latencies))', want: 26 },
    { text: 'errors / zero', want: Number.POSITIVE_INFINITY },
    { text: 'zero / zero', want: Number.NaN },
    { text: '1e3 * errors', want: 3000 },
  ])('$text', async ({ text, want }) => {
    expect((await parseFormula(text, names)).evaluate(values)).toBe(want);
  });

  it('names the queries it needs, once each', async () => {
    expect((await parseFormula('errors / (errors + requests)', names)).names).toEqual(['errors', 'requests']);
  });
});

describe('a formula is refused with what would be right', () => {
  it.each([
    { text: '', says: 'empty' },
    { text: '100 *', says: 'cannot be read' },
    { text: 'error / requests', says: "unknown name error; the formula's queries are errors, requests" },
    { text: 'x = 3', says: 'not allowed' },
    { text: '[1, 2, 3]', says: 'not allowed' },
    { text: 'zeros(100000, 100000)', says: 'not allowed: the functions are' },
    { text: 'evaluate("1")', says: 'not allowed: the functions are' },
    { text: 'errors.constructor', says: 'not allowed' },
    { text: 'errors["constructor"]("return 1")', says: 'not allowed' },
    { text: 'f(x) = x', says: 'not allowed' },
    { text: 'errors > 1 ? 2 : 3', says: 'not allowed' },
    { text: '1:1000000000', says: 'not allowed' },
    { text: '170!', says: 'operator ! is not allowed' },
    { text: '2 errors', says: 'write the *' },
    { text: '"text"', says: 'is not a number' },
    { text: `${'('.repeat(500)}1${')'.repeat(500)}`, says: 'nested or chained more than 64' },
    { text: `${'-'.repeat(500)}1`, says: 'nested or chained more than 64' },
    { text: '1+'.repeat(2000), says: 'at most 2000' },
    { text: `1${'+1'.repeat(900)}`, says: 'nested or chained more than 64' },
  ])('$text', async ({ text, says }) => {
    await expect(parseFormula(text, names)).rejects.toThrow(FormulaError);
    await expect(parseFormula(text, names)).rejects.toThrow(says);
  });

  it('says which list must be reduced', async () => {
    const formula = await parseFormula('latencies * 2', names);
    expect(() => formula.evaluate(values)).toThrow('latencies has several values: reduce it');
  });

  it('whatever the text, it ends in a number or a FormulaError', async () => {
    const piece = fc.constantFrom(
      'errors',
      'one',
      '1',
      '(',
      ')',
      '+',
      '-',
      '*',
      '/',
      '^',
      '%',
      ',',
      'sum',
      'mean',
      ' ',
      '[',
      '.',
      'constructor',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        try {
          expect(typeof (await parseFormula(pieces.join(''), names)).evaluate(values)).toBe('number');
        } catch (error) {
          expect(error).toBeInstanceOf(FormulaError);
        }
      }),
    );
  });
});
