import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, parseDuration } from '../../../services/domain/duration.ts';

// Texts and results of Go's time.ParseDuration (its own test tables, go1.26 src/time/time_test.go, and the language's documentation).
describe('Go durations', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['5s', 5_000_000_000n],
    ['+5s', 5_000_000_000n],
    ['-.5s', -500_000_000n],
    ['5.s', 5_000_000_000n],
    ['3h30m', 12_600_000_000_000n],
    ['10.5s4m', 250_500_000_000n],
    ['11us12µs13μs', 36_000n],
    ['0.3333333333333333333h', 1_200_000_000_000n],
    ['9223372036854775807ns', 9_223_372_036_854_775_807n],
    ['-9223372036854775808ns', -9_223_372_036_854_775_808n],
    ['0.100000000000000000000h', 360_000_000_000n],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.', 'time: invalid duration "."'],
    ['-.s', 'time: invalid duration "-.s"'],
    ['+-5s', 'time: invalid duration "+-5s"'],
    [' 5s', 'time: invalid duration " 5s"'],
    ['5 mins', 'time: unknown unit " mins" in duration "5 mins"'],
    ['5S', 'time: unknown unit "S" in duration "5S"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1hasOwnProperty', 'time: unknown unit "hasOwnProperty" in duration "1hasOwnProperty"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['-9223372036854775809ns', 'time: invalid duration "-9223372036854775809ns"'],
    ['9223372036854ms775us808ns', 'time: invalid duration "9223372036854ms775us808ns"'],
    ['\u00ffff', 'time: invalid duration "\\xc3\\xbfff"'],
    ['"5s"', 'time: invalid duration "\\"5s\\""'],
  ])('refuses %j as Go does', (text, message) => {
    expect(() => parseDuration(text)).toThrow(new Error(message));
  });

  it('adds up its parts, in any order', () => {
    const part = fc.tuple(fc.nat(100_000), fc.constantFrom('ns', 'us', 'ms', 's', 'm', 'h'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.map(([count, unit]) => `${count}${unit}`).join('');
        const sum = parts.reduce((total, [count, unit]) => total + parseDuration(`${count}${unit}`), 0n);
        expect(parseDuration(text)).toBe(sum);
        expect(parseDuration(`-${text}`)).toBe(-sum);
      }),
    );
  });

  it('gives milliseconds with their fraction', () => {
    expect(durationMs('1.5ms')).toBe(1.5);
  });
});
