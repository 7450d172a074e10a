import { describe, expect, it } from 'vitest';
import { findValues, parseJsonPath } from '../../providers/json-path.ts';

const document = {
  a: { b: { c: [1, 2, 3] }, n: null },
  l: [
    { k: 'x', v: 1 },
    { k: 'y', v: 2.5, z: true },
    { k: 'w', v: 3, m: [1, [2]] },
  ],
  ll: [[1, 2], [], [3]],
  nn: [null, { k: null }],
  'é-ü': 4,
};

// Outcomes measured with k8s.io/client-go 0.34.1.
describe('a path finds what the Kubernetes library finds', () => {
  it.each<[string, readonly unknown[]]>([
    ['{}', [document]],
    ['{$.a.b.c[*]}', [1, 2, 3]],
    ['{..v}', [1, 2.5, 3]],
    ['{.l[?(@.v>=2.5)].k}', ['y', 'w']],
    ['{.l[?(@.k<"x")].v}', [3]],
    ['{.l[?(@.m[0])].k}', ['w']],
    ['{.l[?(@.k[0])].k}', ['x', 'y', 'w']],
    ['{.l[?(@.k=="a)b")].v}', []],
    ['{.ll[*][*]}', [1, 2]], // an empty list ends the walk
    ['{.ll[*][-1:1]}', []],
    ['{.l[2].m[1][0]}', [2]],
    ["{.l[0]['v','k']}", [1, 'x']],
    ['{.l[2,0].k}', ['w', 'x']],
    ['{.nn[*].k}', [null]],
    ['{.é-ü}', [4]],
    ['{range .l[*]}{.k}-{end}!', ['x', '-', 'y', '-', 'w', '-', '!']],
    ['{range .l[0:2]}{range .k}{@}{end}{end}', ['x', 'y']],
    ['{range .l[:1]}t', ['t', 't']],
    ['a{"b\\n\\u0041"}{\'c\'}{-7}{2.5}{true}', ['a', 'b\nA', 'c', -7n, 2.5, true]],
  ])('%s', (template, want) => {
    expect(findValues(parseJsonPath(template), document)).toEqual(want);
  });
});

describe('a path fails as the Kubernetes library does', () => {
  it.each([
    ['{.l[?(@.v>1)]}', 'incompatible types for comparison'],
    ['{.l[?(@.m>1.0)]}', 'm is not found'],
    ['{.ll[?(@>1.0)]}', 'invalid type for comparison'],
    ['{.l[?(@.z<true)]}', 'z is not found'],
    ['{.l[1:2][?(@.z<true)]}', 'map[k:y v:2.5 z:true] is not array or slice and cannot be filtered'],
    ['{.nn[0][?(@.k)]}', '<nil> is not array or slice and cannot be filtered'],
    ['{.l[?(@.k=>"x")]}', 'unrecognized filter operator =>'],
    ["{.l[?(@['k','v']==1.0)]}", 'can only compare one element at a time'],
    ['{.a.b.c[99999999999999999]}', 'array index out of bounds: index 99999999999999999, length 3'],
    ['{.a.b.c[0:2:0]}', 'step must be > 0'],
    ['{range .ll[1][*]}{.k}{end}', 'k is not found'],
    ['{name}', 'unrecognized identifier name'],
    ['{end}', 'not in range, nothing to end'],
    ['{.}', ' is not found'],
  ])('%s: %s', (template, want) => {
    expect(() => findValues(parseJsonPath(template), document)).toThrow(
      new RegExp(`^${want.replace(/[^\w ]/g, '\\$&')}$`),
    );
  });

  it.each([
    ['{.a', 'unclosed action'],
    ['{.a\n}', 'unclosed action'],
    ['{.a[0}', 'unterminated array'],
    ['{.a[?(@.b=="c"].d}', 'unterminated filter'],
    ['{.a[?(@.b)}', 'unclosed array expect ]'],
    ['{.a["b"]}', 'invalid array index "b"'],
    ['{.a[1:2:3:4]}', 'invalid array index 1:2:3:4'],
    ['{.a[99999999999999999999]}', 'array index 99999999999999999999 is not a number'],
    ['{#}', "unrecognized character in action: U+0023 '#'"],
    ['{"a}', 'unterminated quoted string'],
    ['{"\\q"}', 'unquote string "\\q" error invalid syntax'],
    ['{1.2.3}', 'cannot parse number 1.2.3'],
    ['{....a}', 'invalid multiple recursive descent'],
  ])('%s when it is read: %s', (template, want) => {
    expect(() => parseJsonPath(template)).toThrow(want);
  });
});
