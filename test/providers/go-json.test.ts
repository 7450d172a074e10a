import { describe, expect, it } from 'vitest';
import { decodeJson } from '../../providers/go-json.ts';

describe('JSON is refused in the words of Go', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['  ', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['<html>', "invalid character '<' looking for beginning of value"],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['1 2', "invalid character '2' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.', "invalid character ' ' after decimal point in numeric literal"],
    ['1e+]', "invalid character ']' in exponent of numeric literal"],
    ['tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['nulL', "invalid character 'L' in literal null (expecting 'l')"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['[1e400]', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
    ['{"1e400":"2e400","n":-1e999}', 'json: cannot unmarshal number -1e999 into Go value of type float64'],
    [`${'['.repeat(10_001)}x`, 'exceeded max depth'],
  ])('%.20j: %s', (text, want) => {
    expect(() => decodeJson(text)).toThrow(want);
  });

  it('and read as usual otherwise', () => {
    expect(decodeJson(' {"a":[1,1.5e3,"1e400",null,true]}\n')).toEqual({ a: [1, 1500, '1e400', null, true] });
  });
});
