import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { readQuery } from '../../providers/read-query.ts';
import { providerSchemas } from '../../providers/registry.ts';

const schema = Type.Object({
  query: Type.String(),
  interval: Type.String({ default: '5m' }),
  limit: Type.Optional(Type.Integer()),
  mode: Type.Optional(Type.Enum(['fast', 'exact'])),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  steps: Type.Optional(Type.Array(Type.Object({ name: Type.String(), weight: Type.Number({ default: 1 }) }))),
  anything: Type.Optional(Type.Unknown()),
});

describe('a block', () => {
  it('gets its defaults, at every depth', () => {
    expect(readQuery(schema, { query: 'q', limit: null, steps: [{ name: 'a' }], anything: [1] }, 'p')).toEqual({
      query: 'q',
      interval: '5m',
      steps: [{ name: 'a', weight: 1 }],
      anything: [1],
    });
  });

  it.each([
    [{}, 'p.query: is required'],
    ['text', 'p: must be of type object, is "text"'],
    [{ query: 5 }, 'p.query: must be of type string, is 5'],
    [{ query: 'q', limit: 1.5 }, 'p.limit: must be of type integer, is 1.5'],
    [{ query: 'q', mode: 'slow' }, 'p.mode: must be one of fast, exact'],
    [{ query: 'q', tags: { a: 1 } }, 'p.tags.a: must be of type string, is 1'],
    [{ query: 'q', steps: [{ name: 'a' }, { name: true }] }, 'p.steps[1].name: must be of type string, is true'],
  ])('%j is refused', (value, want) => {
    expect(() => readQuery(schema, value, 'p')).toThrow(want);
  });
});

it.each(Object.entries(providerSchemas))('the example of %s fits its schema', (member, known) => {
  const { examples } = known as { examples?: readonly unknown[] };
  expect(examples?.length).toBeGreaterThan(0);
  for (const example of examples ?? []) expect(readQuery(known, example, member)).toMatchObject(example as object);
});
