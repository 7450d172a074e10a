import Type, { type Static } from 'typebox';

export const PluginQuery = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  description: "One plugin by the name it has in Assay's setting plugins; under it, what that plugin wants.",
  examples: [{ 'shop/errors': { service: 'checkout' } }],
});
export type PluginQuery = Static<typeof PluginQuery>;
