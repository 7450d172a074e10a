import { describe, expect, it } from 'vitest';
import { goJson, printFloat, shortestDecimal } from '../../../providers/go-format.ts';
import { numericValues } from '../../../services/analysis/numeric-value.ts';

describe('the numbers behind a value', () => {
  it.each([
    { text: '0.97', want: [{ value: 0.97 }] },
    { text: ' 0.97\n', want: [{ value: 0.97 }] },
    { text: '"0.97"', want: [{ value: 0.97 }] },
    { text: '-1.5e+06', want: [{ value: -1.5e6 }] },
    { text: '+Inf', want: [{ value: Infinity }] },
    { text: '-Inf', want: [{ value: -Infinity }] },
    { text: 'NaN', want: [{ value: NaN }] },
    { text: '[0.97]', want: [{ element: 0, value: 0.97 }] },
    {
      text: '[0.1,NaN,+Inf]',
      want: [
        { element: 0, value: 0.1 },
        { element: 1, value: NaN },
        { element: 2, value: Infinity },
      ],
    },
    {
      text: '[0.1 1.234567e+06 up true <nil> 7]',
      want: [
        { element: 0, value: 0.1 },
        { element: 1, value: 1_234_567 },
        { element: 5, value: 7 },
      ],
    },
    {
      text: '[[0.1 0.2] [] [3]]',
      want: [
        { element: 0, value: 0.1 },
        { element: 2, value: 3 },
      ],
    },
    { text: '{"a":{"b":1},"c":true,"d":"2","rate":0.97}', want: [{ member: 'rate', value: 0.97 }] },
    { text: '[1,"2",{"a":3}]', want: [{ element: 0, value: 1 }] },
    ...[
      '',
      '[]',
      '[[]]',
      '{}',
      'true',
      'null',
      '<nil>',
      'map[a:1]',
      '0x10',
      'up',
      '1 2',
      '[',
      '{"a":1',
      '[1,"2"',
      '[[1],[2]]',
    ].map((text) => ({ text, want: [] })),
    { text: undefined, want: [] },
  ])('of $text are $want', ({ text, want }) => {
    expect(numericValues(text)).toEqual(want);
  });

  it.each([0, -0.1, 1e21, 1.5e-7, 123_456_789, 5e-324, NaN, Infinity, -Infinity])(
    'read back what Go prints of %d, whichever way',
    (value) => {
      const texts = [shortestDecimal(value), printFloat(value), ...(Number.isFinite(value) ? [goJson(value)] : [])];
      for (const text of texts) expect(numericValues(text)).toEqual([{ value }]);
    },
  );
});
