import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { admitNew, admitUpdate } from '../../../services/admission/admit.ts';
import { applySchema } from '../../../services/admission/apply-schema.ts';
import { kindSchemas } from '../../../services/admission/kind-schemas.ts';
import { generatedName } from '../../../services/admission/names.ts';
import { markedForDeletion } from '../../../services/admission/object-meta.ts';
import { structuralSchema } from '../../../services/admission/structural-schema.ts';
import type { Resource } from '../../../services/domain/resource.ts';

const schemas = kindSchemas({
  web: Type.Object({
    url: Type.String(),
    jsonPath: Type.Optional(Type.String({ default: '{$}' })),
    apiVersion: Type.Optional(Type.Union([Type.Literal('v1'), Type.Literal('v2')])),
    timeoutSeconds: Type.Optional(Type.Integer({ format: 'int64' })),
    jsonBody: Type.Optional(Type.Object({}, { 'x-kubernetes-preserve-unknown-fields': true })),
    tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
});
const birth = {
  namespace: 'default',
  now: Date.parse('2026-01-01T00:00:00.900Z'),
  uid: 'uid-1',
  random: new Uint8Array([0, 1, 2, 3, 4]),
};
const metric = { name: 'm', provider: { web: { url: 'http://x/' } } };
const template = (spec: unknown, metadata: unknown = { name: 't' }) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata,
  spec,
});
const run = (spec: unknown, more: object = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name: 'r' },
  spec,
  ...more,
});
const metrics = (...members: object[]) => template({ metrics: members.map((member) => ({ ...metric, ...member })) });

describe('structure', () => {
  it.each([
    {
      name: 'a missing provider',
      document: template({ metrics: [metric, { name: 'b' }] }),
      want: ['spec.metrics[1].provider: Required value'],
    },
    {
      name: 'a number for a condition',
      document: metrics({ successCondition: 7 }),
      want: [
        'spec.metrics[0].successCondition: Invalid value: "integer": spec.metrics[0].successCondition in body must be of type string: "integer"',
      ],
    },
    {
      name: 'an unquoted argument',
      document: template({ args: [{ name: 'a', value: 1.5 }] }),
      want: [
        'spec.args[0].value: Invalid value: "number": spec.args[0].value in body must be of type string: "number"',
      ],
    },
    {
      name: 'a flag for a count',
      document: metrics({ count: true }),
      want: [
        'spec.metrics[0].count: Invalid value: "boolean": spec.metrics[0].count in body must be of type integer,string: "boolean"',
      ],
    },
    {
      name: 'a count beyond int32',
      document: metrics({ count: 2 ** 31 }),
      want: [
        'spec.metrics[0].count: Invalid value: 2147483648: must be a 32-bit integer, from -2147483648 to 2147483647',
      ],
    },
    {
      name: 'a retention limit beyond int32',
      document: template({ measurementRetention: [{ metricName: 'x', limit: -(2 ** 31) - 1 }] }),
      want: [
        'spec.measurementRetention[0].limit: Invalid value: -2147483649: must be a 32-bit integer, from -2147483648 to 2147483647',
      ],
    },
    {
      name: 'a word that is not allowed',
      document: metrics({ provider: { web: { url: 'u', apiVersion: 'v3' } } }),
      want: ['spec.metrics[0].provider.web.apiVersion: Unsupported value: "v3": supported values: "v1", "v2"'],
    },
    {
      name: 'null for a list',
      document: template({ metrics: null }),
      want: ['spec.metrics: Invalid value: "null": spec.metrics in body must be of type array: "null"'],
    },
    {
      name: 'an object for a list',
      document: template({ metrics: {} }),
      want: ['spec.metrics: Invalid value: "object": spec.metrics in body must be of type array: "object"'],
    },
    {
      name: 'no spec',
      document: { ...template({}), spec: undefined },
      want: ['spec: Invalid value: "undefined": spec in body must be of type object: "undefined"'],
    },
    {
      name: 'more metrics than anyone could run',
      document: template({ metrics: Array.from({ length: 501 }, () => metric) }),
      want: ['spec.metrics: Too many: 501: must have at most 500 items'],
    },
    {
      name: 'several things',
      document: template({ metrics: [{ name: 1 }], args: [{}] }),
      want: [
        'spec.metrics[0].name: Invalid value: "integer": spec.metrics[0].name in body must be of type string: "integer"',
        'spec.metrics[0].provider: Required value',
        'spec.args[0].name: Required value',
      ],
    },
    {
      name: 'labels that are no text',
      document: template({}, { name: 't', labels: { a: 1 } }),
      want: [
        'metadata.labels.a: Invalid value: "integer": metadata.labels.a in body must be of type string: "integer"',
      ],
    },
    {
      name: 'an object for finalizers and text for labels',
      document: template({}, { name: 't', finalizers: { a: 1 }, labels: 'a b' }),
      want: [
        'metadata.finalizers: Invalid value: "object": metadata.finalizers in body must be of type array: "object"',
        'metadata.labels: Invalid value: "string": metadata.labels in body must be of type object: "string"',
      ],
    },
    { name: 'nothing wrong', document: metrics({ count: '{{args.n}}', failureLimit: -1 }), want: [] },
  ])('$name', ({ document, want }) => {
    const { causes } = admitNew(schemas.AnalysisTemplate, document, birth);
    expect(causes.map((cause) => `${cause.field}: ${cause.message}`)).toEqual(want);
  });

  it.each([
    { name: 'needs metrics', document: run({ args: [] }), want: ['spec.metrics: Required value'] },
    { name: 'may name templates instead', document: run({ templates: [{ templateName: 't' }] }), want: [] },
    {
      name: 'needs a phase in its status',
      document: run({ metrics: [] }, { status: {} }),
      want: ['status.phase: Required value'],
    },
  ])('a run $name', ({ document, want }) => {
    const { causes } = admitNew(schemas.AnalysisRun, document, birth);
    expect(causes.map((cause) => `${cause.field}: ${cause.message}`)).toEqual(want);
  });

  it('drops unknown fields and names them, keeps what the schema leaves open, fills in defaults', () => {
    const provider = {
      web: { url: 'u', jsonPath: null, jsonBody: { any: [{ thing: 1 }] }, tags: { a: 'b' }, verb: 'GET' },
      nosuch: {},
    };
    const admitted = admitNew(
      schemas.AnalysisTemplate,
      { ...metrics({ provider, sucessCondition: 'x' }), status: {} },
      birth,
    );
    expect(admitted.causes).toEqual([]);
    expect(admitted.unknownFields).toEqual([
      'spec.metrics[0].provider.web.verb',
      'spec.metrics[0].provider.nosuch',
      'spec.metrics[0].sucessCondition',
      'status',
    ]);
    expect((admitted.document as unknown as { spec: unknown }).spec).toEqual({
      metrics: [
        {
          name: 'm',
          provider: { web: { url: 'u', jsonPath: '{$}', jsonBody: { any: [{ thing: 1 }] }, tags: { a: 'b' } } },
        },
      ],
    });
  });

  it('shaping twice changes nothing more, and never throws whatever comes', () => {
    const members = fc.constantFrom(
      'spec',
      'metrics',
      'name',
      'provider',
      'web',
      'url',
      'jsonPath',
      'jsonBody',
      'count',
      'args',
      'metadata',
      'labels',
      'other',
      '__proto__',
    );
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 6 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(members, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const once = applySchema(schemas.AnalysisTemplate, value);
        const twice = applySchema(schemas.AnalysisTemplate, once.value);
        expect(twice).toEqual({ value: once.value, unknownFields: [], causes: once.causes });
      }),
    );
  });

  it('takes a field called __proto__ as an unknown field', () => {
    const document = { ...metrics(), spec: JSON.parse('{"metrics": [], "__proto__": {"polluted": true}}') };
    const admitted = admitNew(schemas.AnalysisTemplate, document, birth);
    expect(admitted.unknownFields).toEqual(['spec.__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('a provider schema that no CRD can say is a mistake of ours, found at the start', () => {
    const either = Type.Union([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
    expect(() => structuralSchema(Type.Object({ x: either }), 'web')).toThrow(
      'web.x: no CRD can say a union of object and object',
    );
    expect(() => structuralSchema(Type.Unsafe({ type: 'object' }), 'web')).toThrow('web: an object needs properties');
  });
});

describe('metadata of a new object', () => {
  const meta = (metadata: object) => admitNew(schemas.AnalysisTemplate, template({}, metadata), birth);

  it('is what the caller may choose and what the server decides', () => {
    const sent = {
      name: 'a.b-c',
      namespace: 'default',
      uid: 'mine',
      generation: 9,
      creationTimestamp: null,
      labels: { 'x.io/y': '' },
      annotations: { A: 'ö' },
      finalizers: ['x/y'],
      managedFields: [{}],
      selfLink: 's',
      clusterName: 'c',
    };
    const { document, causes, unknownFields } = meta(sent);
    expect(causes).toEqual([]);
    expect(unknownFields).toEqual(['metadata.clusterName']);
    expect(document.metadata).toEqual({
      name: 'a.b-c',
      namespace: 'default',
      uid: 'uid-1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'x.io/y': '' },
      annotations: { A: 'ö' },
      finalizers: ['x/y'],
    });
  });

  it('completes generateName, cut to leave room', () => {
    expect(meta({ generateName: 'run-' }).document.metadata.name).toBe('run-bcdfg');
    expect(generatedName('x'.repeat(80), new Uint8Array([255, 26, 27, 5, 6]))).toBe(`${'x'.repeat(58)}q9bhj`);
  });

  it.each([
    { name: 'no name', metadata: {}, want: 'metadata.name: Required value: name or generateName is required' },
    {
      name: 'upper case and underscore',
      metadata: { name: 'Bad_Name' },
      want: 'metadata.name: Invalid value: "Bad_Name": must be an RFC 1123 subdomain',
    },
    { name: 'a long name', metadata: { name: 'a'.repeat(254) }, want: 'at most 253 characters' },
    { name: 'a bad prefix', metadata: { generateName: '_' }, want: 'metadata.generateName: Invalid value: "_"' },
    {
      name: 'a label value with a space',
      metadata: { name: 't', labels: { ok: 'no spaces' } },
      want: 'metadata.labels: Invalid value: "no spaces"',
    },
    {
      name: 'a label key with two slashes',
      metadata: { name: 't', labels: { 'a/b/c': '' } },
      want: 'metadata.labels: Invalid value: "a/b/c"',
    },
    { name: 'a long label value', metadata: { name: 't', labels: { a: 'x'.repeat(64) } }, want: 'at most 63' },
    {
      name: 'big annotations',
      metadata: { name: 't', annotations: { a: 'ö'.repeat(131_072) } },
      want: 'metadata.annotations: Too long: may not be more than 262144 bytes',
    },
  ])('is refused with $name', ({ metadata, want }) => {
    expect(
      meta(metadata)
        .causes.map((cause) => `${cause.field}: ${cause.message}`)
        .join('; '),
    ).toContain(want);
  });
});

describe('an update', () => {
  const stored = {
    ...admitNew(schemas.AnalysisRun, run({ metrics: [metric] }, { status: { phase: 'Running' } }), birth).document,
  } as Resource & { spec: object; status: object };
  const withVersion = { ...stored, metadata: { ...stored.metadata, resourceVersion: '7' } };

  it.each([
    { name: 'the same again', next: { ...withVersion, metadata: { name: 'r' } }, changed: false, generation: 1 },
    {
      name: 'system fields only',
      next: {
        ...withVersion,
        metadata: { ...stored.metadata, generation: 5, creationTimestamp: 'x', deletionTimestamp: 'y' },
      },
      changed: false,
      generation: 1,
    },
    { name: 'a label', next: { ...withVersion, metadata: { labels: { a: 'b' } } }, changed: true, generation: 1 },
    {
      name: 'the spec',
      next: { ...withVersion, spec: { ...stored.spec, terminate: true } },
      changed: true,
      generation: 2,
    },
    { name: 'the status', next: { ...withVersion, status: { phase: 'Failed' } }, changed: true, generation: 2 },
    { name: 'the status gone', next: { ...withVersion, status: undefined }, changed: true, generation: 2 },
  ])('with $name', ({ next, changed, generation }) => {
    const document = JSON.parse(JSON.stringify(next)) as Record<string, unknown>;
    const admitted = admitUpdate(schemas.AnalysisRun, withVersion, document);
    expect(admitted.causes).toEqual([]);
    expect(admitted.changed).toBe(changed);
    expect(admitted.document.metadata).toMatchObject({
      generation,
      uid: 'uid-1',
      name: 'r',
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(admitted.document.metadata.deletionTimestamp).toBeUndefined();
  });

  it('cannot change the uid, nor add finalizers once deletion began', () => {
    const held = markedForDeletion(
      { ...withVersion, metadata: { ...withVersion.metadata, finalizers: ['a/b'] } },
      birth.now,
    );
    expect(held.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    const next = { ...held, metadata: { uid: 'other', finalizers: ['a/b', 'c/d'] } } as unknown as Record<
      string,
      unknown
    >;
    const { causes } = admitUpdate(schemas.AnalysisRun, held, next);
    expect(causes.map((cause) => `${cause.field}: ${cause.message}`)).toEqual([
      'metadata.uid: Invalid value: "other": field is immutable',
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ["c/d"]',
    ]);
  });
});
