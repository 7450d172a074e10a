import { describe, expect, it } from 'vitest';
import { GoLeaf, type Result, resultOfJson } from '../../../services/domain/result.ts';
import {
  checkCondition,
  evaluateCondition,
  evaluateTime,
  evaluateValue,
  typeName,
} from '../../../services/expression/condition.ts';

const NOW = Date.UTC(2024, 5, 1);
const floats = (...value: number[]): Result => ({ type: '[]float64', value });
const nothing: Result = { type: 'nil', value: null };

/** The outcome, or the message. */
function outcomeOf(text: string, result: Result): unknown {
  const outcome = evaluateCondition(text, result, NOW);
  return outcome.ok ? outcome.value : `${outcome.error.stage}: ${outcome.error.message}`;
}

describe('a condition', () => {
  it.each([
    { text: 'result[0] >= 0.95', result: floats(0.99), want: true },
    { text: 'result[0] >= 0.95', result: floats(0.9), want: false },
    { text: 'result >= 0.95', result: { type: 'float64', value: 0.95 } as Result, want: true },
    { text: 'len(result) == 0 || isNaN(result[0]) || result[0] < 1', result: floats(NaN), want: true },
    { text: 'default(result, 0) < 0.05', result: { type: '*float64', value: null } as Result, want: true },
    { text: 'isNil(result)', result: nothing, want: true },
    { text: 'result.ok && result.rate >= 0.9', result: resultOfJson({ ok: true, rate: 0.93 }), want: true },
    { text: 'result.state == "done"', result: resultOfJson({ state: 'done' }), want: true },
    { text: 'asInt(result.count) in 1..10', result: resultOfJson({ count: '7' }), want: true },
    { text: 'all(result, {.value >= 2})', result: resultOfJson([{ value: 2 }, { value: 3 }]), want: true },
    { text: 'result.missing?.deep.er == nil', result: resultOfJson({}), want: true },
    {
      text: 'result.missing ?? 3 == 3',
      result: resultOfJson({}),
      want: 'compile: Operator (==) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.',
    },
  ])('$text of $result.value is $want', ({ result, text, want }) => {
    expect(outcomeOf(text, result)).toBe(want);
  });

  it.each([
    {
      text: 'result > 5',
      result: floats(1),
      want: 'compile: invalid operation: > (mismatched types []float64 and int)',
    },
    { text: 'result > 5', result: nothing, want: 'compile: invalid operation: > (mismatched types unknown and int)' },
    { text: 'result.a > 5', result: resultOfJson({ a: 'x' }), want: 'run: invalid operation: string > int' },
    { text: 'result[3] > 5', result: floats(1), want: 'run: index out of range: 3 (array length is 1)' },
    { text: 'result[-3] > 5', result: floats(1), want: 'run: index out of range: -2 (array length is 1)' },
    { text: 'result[0]', result: floats(1), want: 'output: expected bool, but got float64' },
    { text: 'results > 5', result: floats(1), want: 'compile: unknown name results' },
    { text: 'result =', result: floats(1), want: 'compile: unexpected token Operator("=")' },
    { text: '', result: floats(1), want: 'compile: unexpected token EOF' },
    { text: 'false and result.a.b', result: nothing, want: 'compile: type nil has no field a' },
    { text: 'result.a.b == 1', result: resultOfJson({}), want: 'run: cannot fetch b from <nil>' },
    { text: '1 % 0 == 1', result: nothing, want: 'compile: integer divide by zero' },
    {
      text: 'isNaN(len(result))',
      result: floats(),
      want: 'run: interface conversion: interface {} is int, not float64',
    },
  ])('$text of $result.type fails: $want', ({ result, text, want }) => {
    expect(outcomeOf(text, result)).toBe(want);
  });

  it('is compiled by the type of the result, not by its text alone', () => {
    expect(outcomeOf('result > 5', { type: 'float64', value: 6 })).toBe(true);
    expect(outcomeOf('result > 5', { type: 'string', value: '6' })).toBe(
      'compile: invalid operation: > (mismatched types string and int)',
    );
    expect(outcomeOf('result > 5', { type: 'float64', value: 4 })).toBe(false);
  });

  it('shows where it went wrong', () => {
    const outcome = evaluateCondition('true &&\n\tresult.größe.x > 1', resultOfJson({}), NOW);
    expect(outcome).toMatchObject({ ok: false, error: { line: 2, column: 15, stage: 'run' } });
    expect(!outcome.ok && outcome.error.formatted).toBe(
      'cannot fetch x from <nil> (2:15)\n |  result.größe.x > 1\n | ..............^',
    );
  });

  it('reads leaves that JSON cannot carry', () => {
    const value = [
      new GoLeaf('int64', 2n ** 62n),
      new GoLeaf('time.Duration', 90_000_000_000n),
      new GoLeaf('[]uint8', Uint8Array.of(104, 105)),
    ];
    const result: Result = { type: '[]interface {}', value };
    expect(outcomeOf('result[0] == 4611686018427387904', result)).toBe(true);
    expect(outcomeOf('result[1] > duration("1m") and string(result[1]) == "1m30s"', result)).toBe(true);
    expect(outcomeOf('result[2] matches "^hi$" and result[2][0] == 104', result)).toBe(true);
  });
});

/** What the text yields, with its Go type. */
function yieldOf(text: string, result: Result = nothing): unknown {
  const outcome = evaluateValue(text, result, NOW);
  if (!outcome.ok) return outcome.error.message;
  return typeof outcome.value === 'object' ? typeName(outcome.value) : outcome.value;
}

describe('numbers', () => {
  it.each([
    ['7 / 2', 3.5],
    ['7 % -3', 1n],
    ['1 + 1', 2n],
    ['1 + 1.0', 2],
    ['9223372036854775807 + 1', -(2n ** 63n)],
    ['0x10 + 0b11 + 0o7', 26n],
    ['1_000', 1000n],
    ['-2 ** 2', -4],
    ['2 ** -1', 0.5],
    ['1 / 0', Infinity],
    ['1 == 1.0', true],
    ['{a: 1} == {a: 1.0}', false],
    ['[1, 2] == [1.0, 2.0]', true],
    ['9007199254740993 == 9007199254740992.0', true],
    ['round(-2.5)', -3],
    ['int("12") + 1', 13n],
    ['bitshl(1, 63)', -(2n ** 63n)],
    ['bitushr(-1, 1)', 2n ** 63n - 1n],
    ['mean([1, [2, 3]], 6)', 3],
    ['median(3, [1, 2], 4)', 2.5],
    ['max(1, 2.5, [7, 3])', 7n],
  ] as [string, unknown][])('%s is %s', (text, want) => {
    expect(yieldOf(text)).toBe(want);
  });
});

describe('strings', () => {
  it.each([
    ['len("héllo")', 5n],
    ['"héllo"[1:3]', 'é'],
    ['"héllo"[1:2] + "héllo"[2:3]', 'é'],
    ['indexOf("héllo", "l")', 3n],
    ['upper("straße ŉ")', 'STRAßE ŉ'],
    ['lower("İΣ")', 'iσ'],
    ['"\\u{1F600}" < "\\uFFFD"', false],
    ['trim("\\u0085 x \\uFEFF")', 'x \uFEFF'],
    ['split("a,b,c", ",", 2)[1]', 'b,c'],
    ['replace("aaa", "a", "$&", 2)', '$&$&a'],
    ['replace("ab", "", "-")', '-a-b-'],
    ['string(1000000.0)', '1e+06'],
    ['string({b: [1, nil], a: "x"})', 'map[a:x b:[1 <nil>]]'],
    ['toJSON({b: "<", a: 1e21})', '{\n  "a": 1e+21,\n  "b": "\\u003c"\n}'],
    ['fromBase64("aGk=")', 'hi'],
    ['fromBase64("aG=k")', 'illegal base64 data at input byte 3'],
    ['fromJSON("[1 2]")', "invalid character '2' after array element"],
    ['"a" in "abc"', 'invalid operation: in (mismatched types string and string)'],
  ])('%s is %s', (text, want) => {
    expect(yieldOf(text)).toBe(want);
  });
});

describe('lists and predicates', () => {
  const people = resultOfJson([
    { name: 'ann', age: 30 },
    { name: 'bob', age: 20 },
    { name: 'cid', age: 30 },
  ]);
  it.each([
    ['count(result, .age == 30)', 2n],
    ['find(result, .age < 25).name', 'bob'],
    ['findIndex(result, .age > 99)', null],
    ['map(result, .name) | join("-")', 'ann-bob-cid'],
    ['sortBy(result, .age)[0].name', 'bob'],
    ['sortBy(result, .name, "desc")[0].name', 'cid'],
    ['len(groupBy(result, .age)[30.0])', 2n],
    ['reduce(result, #acc + .age, 0)', 80],
    ['sum(result, .age)', 80],
    ['result | filter(.age == 30) | map(#index) | len()', 2n],
    ['len(uniq([1, 1.0, "1", [1], [1.0]]))', 3n],
    ['string(flatten([1, [2, [3]]]))', '[1 2 3]'],
    ['let n = "bob"; one(result, .name == n)', true],
    ['concat([], []) == nil', true],
    ['first([])', null],
    ['take([1, 2], 5) == [1, 2]', true],
    ['"age" in result[0] and not ("Age" in result[0])', true],
  ])('%s is %s', (text, want) => {
    const value = yieldOf(text, people);
    expect(value === 'null' ? null : value).toBe(want === null ? '<nil>' : want);
  });
});

describe('what expr-lang rewrites can be seen', () => {
  it.each([
    ['a look-up takes nil for the empty string', 'result.x in ["", "a"]', resultOfJson({}), true],
    [
      'a look-up refuses other types',
      'result.n in ["10"]',
      resultOfJson({ n: 10 }),
      'run: reflect.Value.MapIndex: value of type float64 is not assignable to type string',
    ],
    ['x and false is false without x', 'result.a.b and false', resultOfJson({}), false],
    ['true and x is x untested', 'true and result.n', resultOfJson({ n: 1 }), 'output: expected bool, but got float64'],
    ['a first match is enough', 'filter(result, 1 / # > 0)[0] == 1', resultOfJson([1, 'x']), true],
    ['no match on [0] says so', 'filter(result, # > 5)[0] == 1', floats(1), 'run: reflect: slice index out of range'],
    ['a sum of a range is a formula', 'sum(1..1000000) == 500000500000', nothing, true],
    [
      'a sum of a list adds from the right',
      'sum([result[0], result[1], result[2]]) == result[0] + (result[1] + result[2])',
      floats(0.1, 0.2, 0.3),
      true,
    ],
    [
      'both predicates run in one pass',
      'all(result, # < 5) and all(result, # + "x" == "")',
      resultOfJson([1, 9]),
      'run: invalid operation: float64 + string',
    ],
    [
      'int equality insists on ints',
      'findIndex(result, # > 5) == 0',
      floats(1),
      'run: interface conversion: interface {} is nil, not int',
    ],
    ['findLast leaves strays behind', '8 <= findLast([], # > 2)', nothing, 'run: invalid operation: bool <= <nil>'],
  ] as const)('%s: %s', (_, text, result, want) => {
    expect(outcomeOf(text, result as Result)).toBe(want);
  });
});

describe('evaluateTime', () => {
  it.each([
    ['date("2023-08-14")', Date.UTC(2023, 7, 14)],
    ['now() - duration("1h")', NOW - 3_600_000],
    ['date("2024-05-01T10:00:00.1234567+02:00")', Date.UTC(2024, 4, 1, 8) + 123.4567],
    ['date("2024-03-10 02:30:00", "2006-01-02 15:04:05", "America/New_York")', Date.UTC(2024, 2, 10, 6, 30)],
  ])('%s', (text, want) => {
    const outcome = evaluateTime(text, NOW);
    expect(outcome.ok && outcome.value).toBeCloseTo(want, 2);
  });

  it.each([
    ['5', 'expected time.Time, but got int'],
    ['result', 'unknown name result'],
    ['date("2024-13-01")', 'invalid date 2024-13-01'],
  ])('%s fails: %s', (text, message) => {
    expect(evaluateTime(text, NOW)).toMatchObject({ ok: false, error: { message } });
  });
});

describe('checkCondition', () => {
  it('finds what cannot be, and says nothing of what may fail', () => {
    expect(checkCondition('result[0] > 1', '[]float64')).toBeUndefined();
    expect(checkCondition('result[0] > 1', 'float64')).toMatchObject({ message: 'type float64[int] is undefined' });
    expect(checkCondition('result.a.b > 1')).toBeUndefined();
    expect(checkCondition('result > "a" + 1')).toMatchObject({
      message: 'invalid operation: + (mismatched types string and int)',
      column: 14,
    });
  });
});
