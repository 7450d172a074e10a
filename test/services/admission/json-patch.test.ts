import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonPatch } from '../../../services/admission/json-patch.ts';
import { mergePatch } from '../../../services/admission/merge-patch.ts';

it.each([
  { name: 'adds a member', document: { a: 1 }, patch: [{ op: 'add', path: '/b', value: 2 }], want: { a: 1, b: 2 } },
  {
    name: 'adds into a list',
    document: { a: [1, 3] },
    patch: [{ op: 'add', path: '/a/1', value: 2 }],
    want: { a: [1, 2, 3] },
  },
  {
    name: 'adds at the end of a list',
    document: { a: [1] },
    patch: [{ op: 'add', path: '/a/-', value: 2 }],
    want: { a: [1, 2] },
  },
  {
    name: 'replaces the whole document',
    document: { a: 1 },
    patch: [{ op: 'replace', path: '', value: { b: 1 } }],
    want: { b: 1 },
  },
  {
    name: 'removes a list item',
    document: { a: [1, 2, 3] },
    patch: [{ op: 'remove', path: '/a/1' }],
    want: { a: [1, 3] },
  },
  {
    name: 'moves',
    document: { a: { b: 1 }, c: {} },
    patch: [{ op: 'move', from: '/a/b', path: '/c/d' }],
    want: { a: {}, c: { d: 1 } },
  },
  {
    name: 'copies',
    document: { a: [{ b: 1 }] },
    patch: [{ op: 'copy', from: '/a/0', path: '/a/-' }],
    want: { a: [{ b: 1 }, { b: 1 }] },
  },
  {
    name: 'tests regardless of member order',
    document: { a: { x: 1, y: 2 } },
    patch: [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }],
    want: { a: { x: 1, y: 2 } },
  },
  {
    name: 'unescapes ~1 and ~0',
    document: { 'a/b': 1, 'c~d': 2 },
    patch: [
      { op: 'replace', path: '/a~1b', value: 3 },
      { op: 'remove', path: '/c~0d' },
    ],
    want: { 'a/b': 3 },
  },
  {
    name: 'takes __proto__ as a name',
    document: {},
    patch: [{ op: 'add', path: '/__proto__', value: 1 }],
    want: JSON.parse('{"__proto__":1}'),
  },
])('a JSON patch $name', ({ document, patch, want }) => {
  const before = structuredClone(document);
  expect(jsonPatch(document, patch)).toEqual(want);
  expect(document).toEqual(before);
});

it('a JSON patch leaves itself as it was, so that it can be applied again', () => {
  const patch = [
    { op: 'add', path: '/a', value: { list: [1] } },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/a/list/-', value: 2 },
    { op: 'replace', path: '/b/list/0', value: 3 },
  ];
  const want = { a: { list: [1, 2] }, b: { list: [3] } };
  expect([jsonPatch({}, patch), jsonPatch({}, patch)]).toEqual([want, want]);
});

it('many operations on a large object are done in passing', () => {
  const large = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index]));
  const patch = Array.from({ length: 300 }, (_, index) => ({ op: 'replace', path: `/o/k${index}`, value: -1 }));
  const { o } = jsonPatch({ o: large }, patch) as { o: Record<string, number> };
  expect([Object.keys(o).length, o['k0'], o['k299'], o['k300']]).toEqual([70_000, -1, -1, 300]);
}, 5000);

it.each([
  { name: 'a patch that is no list', patch: { op: 'add' }, kind: 'malformed', want: 'a list of operations' },
  {
    name: 'an unknown operation',
    patch: [{ op: 'increment', path: '/a' }],
    kind: 'malformed',
    want: 'operation 0: "op" must be add',
  },
  {
    name: 'an operation without a path',
    patch: [{ op: 'remove' }],
    kind: 'malformed',
    want: '"path" must be a JSON pointer',
  },
  {
    name: 'an add without a value',
    patch: [{ op: 'add', path: '/x' }],
    kind: 'malformed',
    want: '"add" needs a value',
  },
  {
    name: 'a failed test',
    patch: [{ op: 'test', path: '/a/0', value: 2 }],
    kind: 'failed',
    want: 'operation 0 (test /a/0): the value there differs',
  },
  { name: 'a missing member', patch: [{ op: 'remove', path: '/x' }], kind: 'failed', want: 'no such path' },
  { name: 'a missing parent', patch: [{ op: 'add', path: '/x/y', value: 1 }], kind: 'failed', want: 'no such path' },
  {
    name: 'an index beyond the end',
    patch: [{ op: 'add', path: '/a/3', value: 1 }],
    kind: 'failed',
    want: 'no such index',
  },
  {
    name: 'an index with a leading zero',
    patch: [{ op: 'remove', path: '/a/00' }],
    kind: 'failed',
    want: 'no index of a list',
  },
  {
    name: 'a move into itself',
    patch: [{ op: 'move', from: '/o', path: '/o/p' }],
    kind: 'failed',
    want: 'cannot move into itself',
  },
  {
    name: 'a copy bomb',
    patch: Array.from({ length: 30 }, () => ({ op: 'copy', from: '/o', path: '/o/p' })).flatMap((one) => [
      one,
      { op: 'copy', from: '/o', path: '/o/q' },
    ]),
    kind: 'failed',
    want: 'copies too much',
  },
])('$name is refused', ({ patch, kind, want }) => {
  expect(() => jsonPatch({ a: [1], o: {} }, patch)).toThrow(
    expect.objectContaining({ kind, message: expect.stringContaining(want) }),
  );
});

// The examples of RFC 7386, appendix A.
it.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('merging %j with %j gives %j', (target, patch, want) => {
  expect(mergePatch(target, patch)).toEqual(want);
});

it('merging a patch twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (target, patch) => {
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
    }),
  );
});
