import { objectMetaSchema } from '../../admission/object-meta-schema.ts';
import type { StructuralSchema } from '../../admission/structural-schema.ts';

// Core kinds are decoded into Go structs in a cluster, where null stands for an absent member.
const text = (description: string): StructuralSchema => ({ type: 'string', description, nullable: true });
const time = (description: string): StructuralSchema => ({ ...text(description), format: 'date-time' });
const object = (description: string, properties: Readonly<Record<string, StructuralSchema>>): StructuralSchema => ({
  type: 'object',
  description,
  nullable: true,
  properties,
});
const reference = (description: string): StructuralSchema =>
  object(description, {
    kind: text('Kind of the object.'),
    namespace: text('Namespace of the object.'),
    name: text('Name of the object.'),
    uid: text('uid of the object.'),
    apiVersion: text('Group and version of the object.'),
    resourceVersion: text('Version of the object that is meant.'),
    fieldPath: text('The part of the object that is meant.'),
  });

const head: Readonly<Record<string, StructuralSchema>> = {
  apiVersion: { type: 'string', description: 'Group and version of this representation: v1.' },
  kind: { type: 'string', description: 'The kind of the object.' },
  metadata: objectMetaSchema,
};

/** core/v1 Event. Kept for an hour. */
export const eventSchema: StructuralSchema = {
  type: 'object',
  description: 'Something that happened to an object.',
  required: ['involvedObject'],
  properties: {
    ...head,
    involvedObject: { ...reference('What it happened to.'), nullable: false },
    reason: text('Why, as one word.'),
    message: text('What happened, for people.'),
    source: object('Who tells.', { component: text('The component.'), host: text('The machine.') }),
    firstTimestamp: time('When it was first seen.'),
    lastTimestamp: time('When it was last seen.'),
    count: { type: 'integer', format: 'int32', description: 'How often it was seen.', nullable: true },
    type: text('Normal or Warning.'),
    eventTime: time('When it was first seen, in microseconds.'),
    series: object('How a repeated event goes on.', {
      count: { type: 'integer', format: 'int32', description: 'How often up to now.', nullable: true },
      lastObservedTime: time('When it was last seen.'),
    }),
    action: text('What was done or failed.'),
    related: reference('A second object.'),
    reportingComponent: text('The controller that tells.'),
    reportingInstance: text('Which instance of it.'),
  },
};

/** core/v1 Namespace. Namespaces exist by being named; what is stored is only what was written about them. */
export const namespaceSchema: StructuralSchema = {
  type: 'object',
  description: 'A scope for names. Every name is one, without being created.',
  properties: {
    ...head,
    spec: object('What is wanted.', {
      finalizers: { type: 'array', items: { type: 'string' }, description: 'Always kubernetes.', nullable: true },
    }),
    status: object('What is.', { phase: text('Always Active.') }),
  },
};
