import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveMetric } from '../../../services/analysis/resolve-metric.ts';
import { fillArguments } from '../../../services/analysis/template-text.ts';
import { goQuote } from '../../../services/domain/go-text.ts';
import type { Metric } from '../../../services/domain/template.ts';

const metric = (rest: object): Metric => ({ name: 'm', provider: {}, ...rest }) as Metric;

describe('Go string literals', () => {
  it.each([
    ['plain', '"plain"'],
    ['q" b\\ n\n', '"q\\" b\\\\ n\\n"'],
    ['\x07\b\f\v\x00\x1f\x7f', '"\\a\\b\\f\\v\\x00\\x1f\\x7f"'],
    ['é 漢 👍', '"é 漢 👍"'],
    ['\u00a0\u200b\ufeff', '"\\u00a0\\u200b\\ufeff"'],
    ['\u{e0001}', '"\\U000e0001"'],
  ])('%j is %s', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });
});

describe('placeholders in a metric', () => {
  it.each([
    {
      name: 'numbers and booleans pass through',
      given: metric({ count: 3, provider: { web: { url: '{{args.a}}', insecure: true } } }),
      want: metric({ count: 3, provider: { web: { url: '1', insecure: true } } }),
    },
    {
      name: 'a value is not expanded again',
      given: metric({ interval: '{{args.braces}}' }),
      want: metric({ interval: '{{args.a}}' }),
    },
    {
      name: 'deep inside job pods and lists',
      given: metric({
        provider: { job: { spec: { template: { spec: { containers: [{ args: ['{{ args.a }}'] }] } } } } },
      }),
      want: metric({ provider: { job: { spec: { template: { spec: { containers: [{ args: ['1'] }] } } } } } }),
    },
    {
      name: 'a name with a blank',
      given: metric({ interval: '{{args.two words}}' }),
      want: metric({ interval: '2' }),
    },
  ])('$name', ({ given, want }) => {
    const args = [
      { name: 'a', value: '1' },
      { name: 'braces', value: '{{args.a}}' },
      { name: 'two words', value: '2' },
    ];
    expect(resolveMetric(given, args)).toEqual(want);
  });

  it('keeps the very metric when there is nothing to fill', () => {
    const given = metric({ interval: '1m' });
    expect(resolveMetric(given, [])).toBe(given);
  });

  it.each([
    {
      name: "names the last failure in the order of Go's members, whatever the document's order",
      given: {
        provider: { web: { url: '{{args.url}}', headers: [{ value: '{{args.v}}', key: '{{args.k}}' }] } },
        name: '{{args.n}}',
      },
      message: 'failed to resolve {{args.v}}',
    },
    {
      name: 'puts consecutiveSuccessLimit after the provider',
      given: metric({ consecutiveSuccessLimit: '{{args.csl}}', provider: { prometheus: { query: '{{args.q}}' } } }),
      message: 'failed to resolve {{args.csl}}',
    },
    {
      name: 'lets an open placeholder swallow the JSON up to the next closer',
      given: metric({ interval: '{{args.a' }),
      message: 'failed to resolve {{args.a","provider":{}}',
    },
    {
      name: 'escapes HTML as Go does, so that such a name is never found',
      given: metric({ interval: '{{args.a<b}}' }),
      message: 'failed to resolve {{args.a\\u003cb}}',
    },
    {
      name: 'quotes the whole metric when nothing closes',
      given: metric({ interval: '{{x', provider: undefined }),
      message:
        'Cannot find end tag="}}" in the template="{\\"name\\":\\"m\\",\\"interval\\":\\"{{x\\"}" starting from "x\\"}"',
    },
  ])('$name', ({ given, message }) => {
    expect(() => resolveMetric(given as Metric, [{ name: 'a<b', value: '1' }])).toThrow(new Error(message));
  });

  it.each([
    ['\x07', 'a'],
    ['\v', 'v'],
    ['\x01', 'x'],
    ['\x7f', 'x'],
    ['\u{e0001}', 'U'],
  ])('a value with %j cannot be read back, as in Argo', (value, letter) => {
    const given = metric({ interval: '{{args.a}}' });
    const message = `invalid character '${letter}' in string escape code`;
    expect(() => resolveMetric(given, [{ name: 'a', value }])).toThrow(new Error(message));
  });

  it('carries every printable value over unchanged', () => {
    const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cn}\p{Co}]/u.test(text));
    fc.assert(
      fc.property(printable, (value) => {
        const given = metric({ interval: 'a{{args.x}}b' });
        expect(resolveMetric(given, [{ name: 'x', value }]).interval).toBe(`a${value}b`);
      }),
    );
  });
});

describe('placeholders in a text', () => {
  it('a missing closer is told before an argument without value', () => {
    expect(() => fillArguments('{{args.a', [{ name: 'a' }])).toThrow(/^Cannot find end tag/);
  });

  it('text without placeholders is never changed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('{{'));
        expect(fillArguments(text, [{ name: 'a', value: 'x' }])).toBe(text);
      }),
    );
  });
});
