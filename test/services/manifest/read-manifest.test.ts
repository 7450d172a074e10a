import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readManifest, readOneDocument } from '../../../services/manifest/read-manifest.ts';

it.each([
  {
    name: 'JSON',
    format: 'json',
    text: '{"a": [1, "x", null, true, -1.5e3]}',
    want: [{ a: [1, 'x', null, true, -1500] }],
  },
  { name: 'JSON where YAML is allowed', format: 'yaml', text: ' {"a": 1}', want: [{ a: 1 }] },
  { name: 'a YAML flow map', format: 'yaml', text: '{a: 1}', want: [{ a: 1 }] },
  {
    name: 'a long YAML flow map in a line of a block',
    format: 'yaml',
    text: `a: {${Array.from({ length: 150 }, (_, index) => `k${index}: 0`).join(', ')}}`,
    want: [{ a: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, 0])) }],
  },
  {
    name: 'several documents, the empty ones left out',
    format: 'yaml',
    text: '---\na: 1\n---\n# none\n---\nb: 2\n',
    want: [{ a: 1 }, { b: 2 }],
  },
  {
    name: 'core words only: yes and on are text',
    format: 'yaml',
    text: 'a: yes\nb: on\nc: true\nd: ~\ne: 0x10\nf: 010',
    want: [{ a: 'yes', b: 'on', c: true, d: null, e: 16, f: 10 }],
  },
  {
    name: 'anchors, aliases and merges',
    format: 'yaml',
    text: 'x: &x {a: 1}\ny: *x\nz:\n  <<: *x\n  b: 2',
    want: [{ x: { a: 1 }, y: { a: 1 }, z: { a: 1, b: 2 } }],
  },
  {
    name: 'a field named __proto__ as a field',
    format: 'json',
    text: '{"__proto__": {"a": 1}}',
    want: [JSON.parse('{"__proto__": {"a": 1}}')],
  },
] as const)('reads $name', ({ format, text, want }) => {
  expect(readManifest(text, format).map((document) => document.value)).toEqual(want);
});

it.each([
  {
    name: 'JSON',
    format: 'json',
    text: '{"spec": {"metrics": [{"a": 1}, {"b": 1, "b": 2, "\\u0062": 3}], "metrics": []}}',
    want: ['spec.metrics[1].b', 'spec.metrics[1].b', 'spec.metrics'],
  },
  {
    name: 'YAML',
    format: 'yaml',
    text: 'spec:\n  metrics:\n  - b: 1\n    b: 2\n  metrics: []\n',
    want: ['spec.metrics[0].b', 'spec.metrics'],
  },
  { name: 'the same name in different objects of', format: 'json', text: '{"a": {"b": 1}, "c": {"b": 2}}', want: [] },
] as const)('reports repeated fields of $name', ({ format, text, want }) => {
  expect(readOneDocument(text, format).repeatedFields).toEqual(want);
});

it.each([
  { name: 'JSON', format: 'json', text: (key: string, members: string) => `{"${key}": {"y": {${members}}}}` },
  { name: 'YAML', format: 'yaml', text: (key: string, members: string) => `${key}: {y: {${members}}}` },
] as const)('reports a hundred repeated fields of $name, and of a long path the beginning', ({ format, text }) => {
  const members = Array.from({ length: 300 }, () => '"x": 1').join(',\n ');
  const found = readOneDocument(text('k'.repeat(900), members), format).repeatedFields;
  expect(found).toEqual(Array.from({ length: 100 }, () => `${'k'.repeat(256)}…`));
});

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((name, index) => {
    const previous = 'abcdefgh'[index];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${previous}`).join(',')}]`;
  }),
].join('\n');

it.each([
  {
    name: 'a missing comma',
    format: 'json',
    text: '{\n  "a": 1\n  "b": 2\n}',
    want: 'line 3, column 3: expected "," or "}", found "\\""',
  },
  {
    name: 'half a document',
    format: 'json',
    text: '{"a": [1, ',
    want: 'line 1, column 11: expected a value, found the end of the text',
  },
  { name: 'a leading zero', format: 'json', text: '{"a": 01}', want: 'line 1, column 7: expected a value, found "0"' },
  {
    name: 'single quotes',
    format: 'json',
    text: "{'a': 1}",
    want: 'line 1, column 2: expected a field name in double quotes',
  },
  { name: 'YAML where JSON is due', format: 'json', text: 'a: 1', want: 'line 1, column 1: expected a value' },
  {
    name: 'text after the document',
    format: 'json',
    text: '{} {}',
    want: 'line 1, column 4: expected the end of the text',
  },
  { name: 'nothing', format: 'yaml', text: '# nothing\n', want: 'line 1, column 1: nothing in here' },
  {
    name: 'two documents where one is due',
    format: 'yaml',
    text: 'a: 1\n---\nb: 1',
    want: 'line 3, column 1: a second document',
  },
  { name: 'YAML indentation', format: 'yaml', text: 'a:\n  b: 1\n c: 2\n', want: 'line 3, column 1: ' },
  { name: 'an unclosed bracket', format: 'yaml', text: 'a: [1, 2\nb: 3\n', want: 'line ' },
  { name: 'an alias of nothing', format: 'yaml', text: 'a: *b', want: 'line 1, column 4: no anchor &b' },
  { name: 'an alias bomb', format: 'yaml', text: bomb, want: 'Excessive alias count' },
  {
    name: 'aliases by the thousand in a large document',
    format: 'yaml',
    text: `a:\n- [${Array.from({ length: 20_000 }, (_, i) => `&a${i} 1`).join()}]\n- [${Array.from({ length: 1200 }, (_, i) => `*a${i}`).join()}]`,
    want: 'line 1, column 1: 1200 aliases are too many for a document of 21204 values',
  },
  {
    name: 'a merge of a number',
    format: 'yaml',
    text: '# x\n<<: 5',
    want: 'line 2, column 1: Merge sources must be maps',
  },
  { name: 'a merge of a list of numbers', format: 'yaml', text: '<<: [1]', want: 'line 1, column 1: Merge sources' },
  { name: 'a merge of itself', format: 'yaml', text: 'a: &x {<<: *x}', want: 'line 1, column 1: ' },
  { name: 'an alias inside its own anchor', format: 'yaml', text: 'a: &a [*a]', want: 'aliases swell this too far' },
  {
    name: 'a long text under many aliases',
    format: 'yaml',
    text: Array.from({ length: 20 }, (_, i) => `k${i}: [&a${i} ${'x'.repeat(20_000)}${`,*a${i}`.repeat(99)}]`).join(
      '\n',
    ),
    want: 'aliases swell this too far',
  },
  { name: 'a bomb of brackets', format: 'json', text: '['.repeat(1_000_000), want: 'nested deeper than 100 levels' },
  {
    name: 'a bomb of brackets in YAML',
    format: 'yaml',
    text: `a: ${'['.repeat(1_000_000)}`,
    want: 'nested deeper than 100 levels',
  },
  {
    name: 'a bomb of list marks',
    format: 'yaml',
    text: `${'- '.repeat(500_000)}x`,
    want: 'nested deeper than 100 levels',
  },
  {
    name: 'numbers that JSON lacks',
    format: 'yaml',
    text: 'a:\n  b: .nan',
    want: 'line 2, column 6: a.b: .nan is no number that JSON has',
  },
  { name: 'a map as a field name', format: 'yaml', text: '? {a: 1}\n: 2', want: 'a field name must be plain text' },
] as const)('refuses $name and says where', ({ format, text, want }) => {
  expect(() => readOneDocument(text, format)).toThrow(want);
});

it('refuses bytes that are not UTF-8', () => {
  expect(() => readManifest(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'json')).toThrow(
    'line 1, column 3: not UTF-8 text',
  );
});

it('reads what JSON.stringify writes, and refuses exactly what JSON.parse refuses', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.nat(200), fc.string({ maxLength: 2 }), (text, cut, noise) => {
      expect(readOneDocument(text, 'json').value).toEqual(JSON.parse(text));
      const damaged = text.slice(0, cut) + noise + text.slice(cut + 1);
      const reads = (read: () => unknown) => {
        try {
          read();
          return true;
        } catch {
          return false;
        }
      };
      expect(reads(() => readOneDocument(damaged, 'json'))).toBe(reads(() => JSON.parse(damaged)));
    }),
  );
});
