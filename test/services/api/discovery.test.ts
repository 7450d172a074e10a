import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openApiYaml } from '../../../openapi/generate.ts';
import { providerSchemas } from '../../../providers/registry.ts';
import { applySchema } from '../../../services/admission/apply-schema.ts';
import { kindSchemas } from '../../../services/admission/kind-schemas.ts';
import { EXAMPLES } from '../../../services/api/resources/examples.ts';
import { servedKinds } from '../../../services/api/resources/kinds.ts';
import { messageIn, protobufField, readProtobuf, textIn } from '../../../services/api/resources/protobuf.ts';
import { rolloutQuestionSchema } from '../../../services/api/routes/rollout-question.ts';
import { testApi } from '../../support/api.ts';

const { call, app } = await testApi();
const document = JSON.parse((await app.inject('/openapi.json')).payload);

describe('discovery', () => {
  const aggregated = (version: string) =>
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

  it.each([
    { accept: `${aggregated('v2')},${aggregated('v2beta1')}`, version: 'v2' },
    { accept: aggregated('v2beta1'), version: 'v2beta1' },
    {
      accept: `application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer,${aggregated('v2')}`,
      version: 'v2',
    },
  ])('is aggregated as $version and says so in the content type', async ({ accept, version }) => {
    const answer = await call('GET', '/apis?timeout=32s', undefined, { accept });
    expect(answer.headers['content-type']).toBe(aggregated(version));
    expect(answer.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    const [group] = answer.body.items;
    expect(group.metadata.name).toBe('argoproj.io');
    expect(
      group.versions[0].resources.map((resource: { resource: string; scope: string; shortNames: string[] }) => [
        resource.resource,
        resource.scope,
        resource.shortNames,
      ]),
    ).toEqual([
      ['analysisruns', 'Namespaced', ['ar']],
      ['analysistemplates', 'Namespaced', ['at']],
      ['clusteranalysistemplates', 'Cluster', ['cat']],
    ]);
  });

  it('has the old form, path by path', async () => {
    expect((await call('GET', '/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { groups } = (await call('GET', '/apis')).body;
    for (const group of groups) {
      expect((await call('GET', `/apis/${group.name}`)).body).toMatchObject({ kind: 'APIGroup', ...group });
      expect((await call('GET', `/apis/${group.preferredVersion.groupVersion}`)).body).toMatchObject({
        kind: 'APIResourceList',
        groupVersion: group.preferredVersion.groupVersion,
      });
    }
  });

  it('lists no verb that is not served', async () => {
    for (const path of ['/api/v1', '/apis/argoproj.io/v1alpha1']) {
      const { resources } = (await call('GET', path)).body;
      for (const { name, namespaced, verbs } of resources as { name: string; namespaced: boolean; verbs: string[] }[]) {
        const collection = `${path}${namespaced ? '/namespaces/x' : ''}/${name}`;
        const tries = {
          get: ['GET', `${collection}/y`],
          list: ['GET', collection],
          create: ['POST', collection],
          update: ['PUT', `${collection}/y`],
          patch: ['PATCH', `${collection}/y`],
          delete: ['DELETE', `${collection}/y`],
          deletecollection: ['DELETE', collection],
        } as const;
        for (const [verb, [method, url]] of Object.entries(tries))
          expect([name, verb, (await call(method, url)).status !== 405]).toEqual([name, verb, verbs.includes(verb)]);
      }
    }
  });

  it.each(['/api', '/apis', '/openapi/v3', '/openapi/v2', '/openapi.json'])(
    '%s costs nothing when it is asked again',
    async (path) => {
      const first = await call('GET', path);
      const again = await call('GET', path, undefined, { 'if-none-match': String(first.headers['etag']) });
      expect([again.status, again.text]).toEqual([304, '']);
    },
  );
});

describe('OpenAPI', () => {
  const operations = Object.entries(document.paths as Record<string, Record<string, Record<string, unknown>>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        path,
        operation,
      })),
  );

  it('describes routes that exist, and no route exists without a description', async () => {
    expect(operations.length).toBeGreaterThan(40);
    for (const { name } of operations) {
      const [method, path] = name.split(' ') as ['GET', string];
      expect([name, app.hasRoute({ method, url: path.replaceAll(/\{(\w+)\}/g, ':$1') })]).toEqual([name, true]);
    }
    const another = await testApi();
    expect(() => another.app.get('/undescribed', () => 'x')).toThrow(
      'the route GET /undescribed does not say what it is for',
    );
  });

  it.each(operations)('$name has an operationId, a summary, examples and error answers', ({ path, operation }) => {
    const {
      operationId,
      summary,
      responses,
      requestBody,
      parameters = [],
    } = operation as {
      operationId: string;
      summary: string;
      responses: Record<string, { content?: Record<string, { example?: unknown }> }>;
      requestBody?: { content: Record<string, { example?: unknown }> };
      parameters?: { name: string; in: string; description: string }[];
    };
    expect(operationId).toMatch(/^[a-z]\w+$/);
    expect(summary.length).toBeGreaterThan(5);
    const contents = [
      requestBody?.content,
      ...Object.entries(responses)
        .filter(([code]) => code.startsWith('2'))
        .map(([, answer]) => answer.content),
    ];
    for (const content of contents)
      if (content !== undefined) expect(Object.values(content).some(({ example }) => example !== undefined)).toBe(true);
    expect(responses['default']).toBeDefined();
    for (const { description } of parameters) expect(description).toMatch(/\.$/);
    expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
    );
  });

  it('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation['operationId']);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('describes every field', () => {
    const bare: string[] = [];
    const look = (schema: Record<string, unknown>, path: string): void => {
      for (const [name, property] of Object.entries(
        (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (typeof property['description'] !== 'string' && !path.includes('provider')) bare.push(`${path}.${name}`);
        look(property, `${path}.${name}`);
        if (property['items']) look(property['items'] as Record<string, unknown>, `${path}.${name}[]`);
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas))
      look(schema as Record<string, unknown>, name);
    expect(bare).toEqual([]);
  });

  it('shows examples that the API takes', () => {
    for (const kind of servedKinds(kindSchemas(providerSchemas)))
      for (const example of [EXAMPLES[kind.kind].sent, EXAMPLES[kind.kind].stored]) {
        const { causes, unknownFields } = applySchema(kind.schema, example);
        expect([kind.kind, causes, unknownFields]).toEqual([kind.kind, [], []]);
      }
    const { example } =
      document.paths['/rollouts/{namespace}/analysisruns'].post.requestBody.content['application/json'];
    expect(applySchema(rolloutQuestionSchema, example).causes).toEqual([]);
  });

  it('has no reference that leads nowhere', () => {
    const references = JSON.stringify(document).match(/#\/components\/\w+\/\w+/g) ?? [];
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const [, , part, name] = reference.split('/');
      expect(document.components[part!][name!]).toBeDefined();
    }
  });

  it('is what openapi.yaml says', async () => {
    const file = await readFile(new URL('../../../openapi/openapi.yaml', import.meta.url), 'utf8');
    expect(file === (await openApiYaml()), 'run "npm run openapi" and look at the difference').toBe(true);
  });

  it('comes by group version, with what kubectl looks for', async () => {
    const { paths } = (await call('GET', '/openapi/v3')).body;
    expect(Object.keys(paths).sort()).toEqual(['api/v1', 'apis/argoproj.io/v1alpha1']);
    const kinds = {
      'api/v1': ['Event', 'Namespace'],
      'apis/argoproj.io/v1alpha1': ['AnalysisRun', 'AnalysisTemplate', 'ClusterAnalysisTemplate'],
    };
    for (const [path, { serverRelativeURL }] of Object.entries(
      paths as Record<string, { serverRelativeURL: string }>,
    )) {
      const { body } = await call('GET', `${serverRelativeURL}&timeout=32s`);
      const patches = Object.values(
        body.paths as Record<
          string,
          { patch?: { parameters: { name: string }[]; 'x-kubernetes-group-version-kind': { kind: string } } }
        >,
      ).flatMap(({ patch }) =>
        patch?.parameters.some(({ name }) => name === 'fieldValidation')
          ? [patch['x-kubernetes-group-version-kind'].kind]
          : [],
      );
      expect(patches.sort()).toEqual(kinds[path as keyof typeof kinds]);
      for (const kind of patches)
        expect(body.components.schemas[kind]['x-kubernetes-group-version-kind']).toHaveLength(1);
    }
  });

  it('comes as protobuf for kubectl before 1.29, under a content type that it can read', async () => {
    const answer = await app.inject({
      url: '/openapi/v2',
      headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
    });
    expect(answer.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const message = readProtobuf(answer.rawPayload);
    expect(textIn(message, 1)).toBe('2.0');
    const definitions = (messageIn(message, 9).get(1) ?? []).map((named) =>
      textIn(readProtobuf(named as Uint8Array), 1),
    );
    expect(definitions).toContain('AnalysisRun');
    const paths = (messageIn(message, 8).get(2) ?? []).map((named) => readProtobuf(named as Uint8Array));
    const run = paths.find((named) => textIn(named, 1).endsWith('/analysisruns/{name}'))!;
    const patch = messageIn(messageIn(run, 2), 8);
    expect(textIn(patch, 5)).toBe('patchAnalysisRun');
    const queries = (patch.get(8) ?? []).map((parameter) =>
      textIn(messageIn(messageIn(messageIn(readProtobuf(parameter as Uint8Array), 1), 2), 3), 4),
    );
    expect(queries).toContain('fieldValidation');
    const kind = (patch.get(13) ?? [])
      .map((extension) => readProtobuf(extension as Uint8Array))
      .find((extension) => textIn(extension, 1) === 'x-kubernetes-group-version-kind')!;
    expect(JSON.parse(textIn(messageIn(kind, 2), 2))).toEqual({
      group: 'argoproj.io',
      version: 'v1alpha1',
      kind: 'AnalysisRun',
    });
  });
});

describe('protobuf bodies', () => {
  const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const envelope = (apiVersion: string, kind: string, message: readonly Buffer[]) =>
    Buffer.concat([
      Buffer.from('k8s\0'),
      protobufField(1, [protobufField(1, apiVersion), protobufField(2, kind)]),
      protobufField(2, message),
    ]);

  it('ask what one may do', async () => {
    const resource = [
      protobufField(1, 'shop'),
      protobufField(2, 'create'),
      protobufField(3, 'argoproj.io'),
      protobufField(5, 'analysisruns'),
    ];
    const body = envelope('authorization.k8s.io/v1', 'SelfSubjectAccessReview', [
      protobufField(2, [protobufField(1, resource)]),
    ]);
    const answer = await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, PROTOBUF);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      spec: {
        resourceAttributes: { namespace: 'shop', verb: 'create', group: 'argoproj.io', resource: 'analysisruns' },
      },
      status: { allowed: true },
    });
  });

  it('ask for all that one may do', async () => {
    const body = envelope('authorization.k8s.io/v1', 'SelfSubjectRulesReview', [
      protobufField(2, [protobufField(1, 'shop')]),
    ]);
    expect(
      (await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', body, PROTOBUF)).body,
    ).toMatchObject({ spec: { namespace: 'shop' }, status: { incomplete: false } });
  });

  it('create namespaces', async () => {
    const body = envelope('v1', 'Namespace', [protobufField(1, [protobufField(1, 'made')])]);
    expect((await call('POST', '/api/v1/namespaces', body, PROTOBUF)).body).toMatchObject({
      kind: 'Namespace',
      metadata: { name: 'made' },
    });
  });

  it.each([
    { name: 'garbage', body: Buffer.from('nonsense') },
    { name: 'half a message', body: envelope('v1', 'Namespace', [protobufField(1, 'x')]).subarray(0, 20) },
    { name: 'an endless number', body: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]) },
  ])('of $name are refused', async ({ body }) => {
    expect((await call('POST', '/api/v1/namespaces', body, PROTOBUF)).body).toMatchObject({
      code: 400,
      message: expect.stringContaining('the body cannot be read'),
    });
  });

  it('of one field many times over are read in passing', () => {
    const many = 30_000;
    const read = readProtobuf(Buffer.alloc(many * 2, Buffer.from([8, 1])));
    expect(read.get(1)).toHaveLength(many);
  }, 2000);

  it('may be JSON as well', async () => {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { nonResourceAttributes: { path: '/', verb: 'get' } },
    };
    expect((await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)).body.spec).toEqual(
      review.spec,
    );
  });
});
