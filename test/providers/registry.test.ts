import { describe, expect, it } from 'vitest';
import { registry } from '../../providers/registry.ts';

describe.each(Object.entries(registry))('the line of %s', (member, { typeName, schema, load }) => {
  it('says what its provider says', async () => {
    const provider = await load();
    expect({ member: provider.member, typeName: provider.typeName }).toEqual({ member, typeName });
    expect(provider.schema).toBe(schema);
  });
});
