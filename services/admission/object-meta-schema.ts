import type { StructuralSchema } from './structural-schema.ts';

const text = (description: string): StructuralSchema => ({ type: 'string', description, nullable: true });
const time = (description: string): StructuralSchema => ({ ...text(description), format: 'date-time' });
const integer = (description: string): StructuralSchema => ({
  type: 'integer',
  format: 'int64',
  description,
  nullable: true,
});
const words = (description: string): StructuralSchema => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  description,
  nullable: true,
});
const flag: StructuralSchema = { type: 'boolean', nullable: true };

const owner: StructuralSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'name', 'uid'],
  properties: {
    apiVersion: { type: 'string', description: 'Group and version of the owner.' },
    kind: { type: 'string', description: 'Kind of the owner.' },
    name: { type: 'string', description: 'Name of the owner.' },
    uid: { type: 'string', description: 'uid of the owner.' },
    controller: { ...flag, description: 'Whether the owner is the one that manages this object.' },
    blockOwnerDeletion: { ...flag, description: 'Kept, and without effect.' },
  },
};

/** The metadata of every object. A null stands for an absent member, as Go decodes it. */
export const objectMetaSchema: StructuralSchema = {
  type: 'object',
  description: 'Name, labels and what the server keeps about the object.',
  properties: {
    name: text('Unique among the objects of this kind in the namespace.'),
    generateName: text('When there is no name: the beginning of one, completed by five random characters.'),
    namespace: text('Where the object lives; absent for cluster-scoped kinds.'),
    uid: text('Given by the server, unique for all time.'),
    resourceVersion: text(
      'Changes with every write. Send it back with an update, and a change in between is a conflict.',
    ),
    generation: integer('Counts the changes outside metadata.'),
    creationTimestamp: time('When the server created it.'),
    deletionTimestamp: time('When deletion was asked for; set while finalizers hold the object.'),
    deletionGracePeriodSeconds: integer('Set together with deletionTimestamp.'),
    labels: words('Words to select objects by.'),
    annotations: words('Any text, kept as it is; 256 KiB in all.'),
    finalizers: {
      type: 'array',
      items: { type: 'string' },
      description: 'Who must let go before the object can be removed.',
      nullable: true,
    },
    ownerReferences: { type: 'array', items: owner, description: 'Objects that this one belongs to.', nullable: true },
    managedFields: {
      type: 'array',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      description: 'Accepted and not kept: there is no server-side apply.',
      nullable: true,
    },
    selfLink: text('Accepted and not kept.'),
  },
};
