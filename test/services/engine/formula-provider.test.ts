import { describe, expect, it } from 'vitest';
import { type Deferred, ProviderError, type Reading } from '../../../providers/contract.ts';
import type { Metric } from '../../../services/domain/template.ts';
import { formulaProvider } from '../../../services/engine/formula-provider.ts';
import { lintFormula } from '../../../services/engine/lint-formula.ts';
import type { MeasureCall, Measurer } from '../../../services/engine/ports.ts';

type Answer = Reading | Deferred | Error;
const read = (result: Reading['result']): Reading => ({ value: 'text', ...(result === undefined ? {} : { result }) });
const number = (value: number): Reading => read({ type: 'float64', value });
const list = (value: number[]): Reading => read({ type: '[]float64', value });

/** Queries are answered by their name. */
function measure(expression: string, answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  const measurer = {
    async measure({ provider }: MeasureCall) {
      const { name } = provider['test'] as { name: string };
      asked.push(name);
      const answer = answers[name]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Measurer;
  const queries = Object.fromEntries(Object.keys(answers).map((name) => [name, { test: { name } }]));
  const call = { query: { expression, queries }, run: {}, metric: { name: 'm' }, attempt: 1, now: 0 };
  const reading = formulaProvider(() => measurer).measure(call as never) as Promise<Reading>;
  return { asked, reading };
}

describe('a formula computes', () => {
  it.each([
    {
      name: 'a ratio',
      expression: '100 * errors / requests',
      answers: { errors: number(5), requests: number(200) },
      want: 2.5,
    },
    { name: 'one series as a number', expression: 'a + 1', answers: { a: list([2]) }, want: 3 },
    { name: 'several series by a function', expression: 'max(a) - mean(a)', answers: { a: list([1, 2, 6]) }, want: 3 },
    { name: 'int64', expression: 'a * 2', answers: { a: read({ type: 'int64', value: 21n }) }, want: 42 },
    {
      name: "datadog's number that may be nil",
      expression: 'a',
      answers: { a: read({ type: '*float64', value: 4 }) },
      want: 4,
    },
    {
      name: 'a list of JSON numbers',
      expression: 'sum(a)',
      answers: { a: read({ type: '[]interface {}', value: [1, 2] }) },
      want: 3,
    },
    { name: 'NaN', expression: 'a / b', answers: { a: number(0), b: number(0) }, want: Number.NaN },
    { name: 'infinity', expression: 'a / b', answers: { a: number(1), b: number(0) }, want: Number.POSITIVE_INFINITY },
  ])('$name', async ({ expression, answers, want }) => {
    const reading = await measure(expression, answers).reading;
    expect(reading.result).toEqual({ type: 'float64', value: want });
    expect(reading.value).toBe(String(want));
  });

  it('notes what it read, and asks only for what it uses', async () => {
    const { asked, reading } = measure('100 * errors / requests', {
      errors: number(5),
      requests: list([200]),
      idle: number(1),
    });
    expect((await reading).metadata).toEqual({ errors: '5', requests: '[200]' });
    expect(asked.sort()).toEqual(['errors', 'requests']);
  });
});

describe('a formula fails', () => {
  it.each([
    { name: 'without data', answers: { a: list([]) }, kind: 'no-data', says: /^query a has no data/ },
    {
      name: 'with nil',
      answers: { a: read({ type: '*float64', value: null }) },
      kind: 'no-data',
      says: /^query a has no data/,
    },
    {
      name: 'with text',
      answers: { a: read({ type: 'string', value: 'x' }) },
      kind: 'refused',
      says: /gives string, not a number/,
    },
    {
      name: 'with a list of more than numbers',
      answers: { a: read({ type: '[]interface {}', value: [1, 'x'] }) },
      kind: 'refused',
      says: /more than numbers/,
    },
    {
      name: 'when its source does',
      answers: { a: new ProviderError('unavailable', 'away') },
      kind: 'unavailable',
      says: /^query a: away/,
    },
    {
      name: 'when a source takes its time',
      answers: { a: { deferred: true } as Deferred },
      kind: 'refused',
      says: /does not give a number at once/,
    },
    { name: 'when a list is no number', answers: { a: list([1, 2]) }, kind: 'refused', says: /reduce it/ },
    {
      name: 'when it cannot be read',
      expression: 'a +',
      answers: { a: number(1) },
      kind: 'refused',
      says: /cannot be read/,
    },
    {
      name: 'over unknown names',
      expression: 'a + b',
      answers: { a: number(1) },
      kind: 'refused',
      says: /unknown name b/,
    },
  ])('$name', async ({ expression = 'a', answers, kind, says }) => {
    const failure = await measure(expression, answers as Record<string, Answer>).reading.catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ProviderError);
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(says) });
  });
});

it.each(['job', 'kayenta', 'canaryExecution', 'canaryAnalysis', 'canary'])(
  'a formula over %s is refused before anything is asked: no Job is started',
  async (member) => {
    const measurer = {
      measure: () => expect.unreachable('nothing is to be asked'),
    } as unknown as Measurer;
    const query = { expression: 'a + b', queries: { a: { web: {} }, b: { [member]: {} } } };
    const call = { query, run: {}, metric: { name: 'm' }, attempt: 1, now: 0 };
    await expect(formulaProvider(() => measurer).measure(call as never)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^query b (gives a verdict|is a formula)/),
    });
  },
);

it.each([
  { expression: 'a / b', queries: { a: { web: {} }, b: { web: {} } }, want: [] },
  {
    expression: 'a',
    queries: { a: { web: {} }, b: { web: {} } },
    want: ['warning queries.b: the formula does not use it: it is never asked'],
  },
  {
    expression: 'a',
    queries: { a: { canary: {} } },
    want: [
      'error queries.a: every measurement ends in Error: the query is a formula or canary itself: write its queries here',
    ],
  },
  {
    expression: 'a',
    queries: { a: { job: {} } },
    want: [
      'error queries.a: every measurement ends in Error: the query gives a verdict and no number: make it a metric of its own',
    ],
  },
  {
    expression: 'c',
    queries: { a: { web: {} } },
    want: [expect.stringMatching(/^error expression: .*unknown name c/)],
  },
  { expression: '{{args.f}}', queries: {}, want: [] },
])('lint of $expression over $queries', async ({ expression, queries, want }) => {
  const found = await lintFormula([{ name: 'm', provider: { formula: { expression, queries } } } as unknown as Metric]);
  expect(
    found.map(
      ({ severity, path, message }) =>
        `${severity} ${path.replace('spec.metrics[0].provider.formula.', '')}: ${message}`,
    ),
  ).toEqual(want);
});
