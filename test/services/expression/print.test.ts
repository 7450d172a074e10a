import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression, printExpression } from '../../../services/expression/condition.ts';

/** What a text means, apart from where its parts stand. */
function shapeOf(text: string): unknown {
  const tree = parseExpression(text);
  if (!tree.ok) return tree.error.message;
  return JSON.parse(
    JSON.stringify(tree.value, (key, value: unknown) => {
      if (key === 'at' || key === 'depth' || key === 'shared') return undefined;
      if (typeof value === 'bigint') return `${value}n`;
      return Object.is(value, -0) ? '-0' : value;
    }),
  ) as unknown;
}

function printed(text: string): string {
  const tree = parseExpression(text);
  return tree.ok ? printExpression(tree.value) : text;
}

describe('printExpression', () => {
  it.each([
    ['result[0]>=0.95', 'result[0] >= 0.95'],
    ['a+b*c', 'a + (b * c)'],
    ['(a+b)*c', '(a + b) * c'],
    ['a - b - c', 'a - b - c'],
    ['a - (b - c)', 'a - (b - c)'],
    ['2 ** 3 ** 2', '2 ** (3 ** 2)'],
    ['a < b < c', '(a < b) && (b < c)'],
    ['x not in [1, 2]', 'not (x in [1, 2])'],
    ['not a in b', '(not a) in b'],
    ['1 + nil ?? 2', '1 + (nil ?? 2)'],
    ["result['a b'].c?.d?.[0]", 'result["a b"].c?.d?.[0]'],
    ['all(result, .value > 1)', 'all(result, {#.value > 1})'],
    ['result | map(# * 2) | sum()', 'sum(map(result, {# * 2}))'],
    ['a ?: b', 'a ? a : b'],
    ['if a {1} else if b {2} else {3; 4}', 'if a { 1 } else if b { 2 } else { 3; 4 }'],
    ['let x = 5.0; x', 'let x = 5.0; x'],
    ['{a: 1, "b c": 2, (d): 3}', '{a: 1, "b c": 2, (d): 3}'],
    ['b"\\xff"', 'b"\\xff"'],
  ])('%s is written %s', (text, wanted) => {
    expect(printed(text)).toBe(wanted);
  });

  it('gives a text that is read as the same tree, for every condition of the vectors', () => {
    const lines = readFileSync(new URL('../../vectors/data/expr-conditions.jsonl', import.meta.url), 'utf8').split(
      '\n',
    );
    const texts = lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { expr: string }).expr);
    const readable = texts.filter((text) => text.length < 2_000 && parseExpression(text).ok);
    expect(readable.length).toBeGreaterThan(9_000);
    const different = readable.filter(
      (text) => JSON.stringify(shapeOf(printed(text))) !== JSON.stringify(shapeOf(text)),
    );
    expect(different.slice(0, 5)).toEqual([]);
  });

  it('gives a text that is read as the same tree, for any condition', () => {
    fc.assert(
      fc.property(condition, (text) => {
        expect(parseExpression(text).ok).toBe(true);
        expect(shapeOf(printed(text))).toEqual(shapeOf(text));
      }),
      { numRuns: 500 },
    );
  });
});

/** Conditions of any shape; every operand is in parentheses or none is, as the reader of the text decides. */
const { condition } = fc.letrec<{ condition: string; operand: string }>((tie) => {
  const operator = fc.constantFrom(
    ...'+ - * / % ** == != < >= and or && || in .. contains matches startsWith'.split(' '),
  );
  const inner = tie('condition');
  return {
    operand: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(
        'result',
        'nil',
        'true',
        '1',
        '0x1F',
        '1.5',
        '1e21',
        '.5',
        '"a\\n\\u00e9"',
        '`raw`',
        'b"\\x00"',
        'x.y',
      ),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((value) => `(${value.toExponential()})`),
      fc.string().map((text) => JSON.stringify(text)),
      inner.map((text) => `(${text})`),
      fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(inner, inner).map(([a, b]) => `{k: ${a}, (${b}): 1}`),
      fc.tuple(tie('operand'), inner).map(([a, b]) => `(${a})[${b}]`),
      tie('operand').map((text) => `(${text})?.name.other`),
      tie('operand').map((text) => `(${text}).method(1)?.[2][1:]`),
      inner.map((text) => `filter(result, {(${text}) == #})`),
      fc.tuple(inner, inner).map(([a, b]) => `default(${a}, ${b})`),
      fc.tuple(fc.constantFrom('not ', '!', '-', '+'), tie('operand')).map(([sign, text]) => `(${sign}${text})`),
    ),
    condition: fc.oneof(
      { maxDepth: 3 },
      tie('operand'),
      fc.tuple(tie('operand'), operator, tie('operand')).map((parts) => parts.join(' ')),
      fc.tuple(tie('operand'), operator, tie('operand'), operator, tie('operand')).map((parts) => parts.join(' ')),
      fc.tuple(tie('operand'), tie('operand')).map(([a, b]) => `${a} ?? ${b}`),
      fc.tuple(tie('operand'), inner, inner).map(([a, b, c]) => `${a} ? ${b} : ${c}`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `if ${a} {${b}} else {${c}}`),
      fc.tuple(inner, inner).map(([a, b]) => `let name = (${a}); ${b}`),
      tie('operand').map((text) => `(${text}; 1)`),
    ),
  };
});
