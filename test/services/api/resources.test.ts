import { beforeEach, describe, expect, it } from 'vitest';
import { ANALYSIS, runBody, type TestApi, templateBody, testApi } from '../../support/api.ts';
import type { TestClock } from '../../support/clock.ts';

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  return () => api.app.close();
});

const TEMPLATES = `${ANALYSIS}/namespaces/shop/analysistemplates`;
const RUNS = `${ANALYSIS}/namespaces/shop/analysisruns`;
const CLUSTER = `${ANALYSIS}/clusteranalysistemplates`;
const create = (name: string, metadata: object = {}) =>
  api.call('POST', TEMPLATES, { ...templateBody(name), metadata: { name, ...metadata } });

describe('creating', () => {
  it('answers the object with what the server adds, and it can be read back', async () => {
    const created = await create('a', { labels: { team: 'shop' } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: {
        name: 'a',
        namespace: 'shop',
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
      },
    });
    expect((await api.call('GET', `${TEMPLATES}/a`)).body).toEqual(created.body);
  });

  it('takes YAML', async () => {
    const yaml =
      'apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata:\n  name: y\nspec:\n  metrics: []\n';
    expect((await api.call('POST', TEMPLATES, yaml, { 'content-type': 'application/yaml' })).status).toBe(201);
  });

  it('takes JSON without a content type', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: TEMPLATES,
      payload: Buffer.from(JSON.stringify(templateBody('n'))),
    });
    expect(answer.statusCode).toBe(201);
  });

  const as = (change: object, base = templateBody('a')) => ({ ...base, ...change });
  it.each([
    {
      name: 'a name that exists',
      body: templateBody('taken'),
      status: 409,
      reason: 'AlreadyExists',
      message: 'analysistemplates.argoproj.io "taken" already exists',
    },
    {
      name: 'another kind',
      body: as({ kind: 'AnalysisRun' }),
      status: 400,
      reason: 'BadRequest',
      message: 'the kind in the data (AnalysisRun) does not match',
    },
    {
      name: 'another version',
      body: as({ apiVersion: 'argoproj.io/v1' }),
      status: 400,
      reason: 'BadRequest',
      message: 'the API version in the data (argoproj.io/v1) does not match',
    },
    {
      name: 'no kind',
      body: as({ kind: undefined }),
      status: 400,
      reason: 'BadRequest',
      message: "Object 'Kind' is missing",
    },
    {
      name: 'another namespace',
      body: as({ metadata: { name: 'a', namespace: 'pay' } }),
      status: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match',
    },
    {
      name: 'a version',
      body: as({ metadata: { name: 'a', resourceVersion: '7' } }),
      status: 400,
      reason: 'BadRequest',
      message: 'resourceVersion should not be set',
    },
    {
      name: 'no name',
      body: as({ metadata: {} }),
      status: 422,
      reason: 'Invalid',
      message:
        'AnalysisTemplate.argoproj.io "" is invalid: metadata.name: Required value: name or generateName is required',
    },
    {
      name: 'malformed JSON',
      body: '{"a": 1\n"b"}',
      status: 400,
      reason: 'BadRequest',
      message: 'the body cannot be read: line 2, column 1: expected "," or "}"',
    },
    { name: 'a list', body: '[]', status: 400, reason: 'BadRequest', message: 'the body must be one object' },
    { name: 'nothing', body: '', status: 400, reason: 'BadRequest', message: 'the body is empty' },
    {
      name: 'a wrong type and a missing field',
      body: as({ spec: { metrics: [{ name: 7 }] } }),
      status: 422,
      reason: 'Invalid',
      message: 'is invalid: [spec.metrics[0].name: Invalid value: "integer"',
    },
    {
      name: 'a list for a name',
      body: as({ metadata: { name: ['a'] } }),
      status: 422,
      reason: 'Invalid',
      message: 'metadata.name: Invalid value: "array": metadata.name in body must be of type string: "array"',
    },
    {
      name: 'an object for the beginning of a name',
      body: as({ metadata: { generateName: { a: 1 } } }),
      status: 422,
      reason: 'Invalid',
      message: 'metadata.generateName: Invalid value: "object"',
    },
    {
      name: '10,000 metrics',
      body: as({ spec: { metrics: Array.from({ length: 10_000 }, () => ({ name: 'm' })) } }),
      status: 422,
      reason: 'Invalid',
      message: 'spec.metrics: Too many: 10000: must have at most 500 items',
    },
  ])('refuses $name', async ({ body, status, reason, message }) => {
    await create('taken');
    const answer = await api.call('POST', TEMPLATES, body);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: status,
      reason,
      message: expect.stringContaining(message),
    });
    expect(answer.status).toBe(status);
    expect((await api.call('GET', TEMPLATES)).body.items).toHaveLength(1);
  });

  it.each([
    { name: 'a form', type: 'application/x-www-form-urlencoded', status: 415 },
    { name: 'protobuf', type: 'application/vnd.kubernetes.protobuf', status: 415 },
    { name: 'JSON with a charset', type: 'application/json; charset=utf-8', status: 201 },
  ])('answers $name with $status', async ({ type, status }) => {
    expect((await api.call('POST', TEMPLATES, templateBody('a'), { 'content-type': type })).status).toBe(status);
  });

  it('refuses a body over 1 MiB', async () => {
    const answer = await api.call('POST', TEMPLATES, templateBody('a', { padding: 'x'.repeat(1024 * 1024) }));
    expect(answer.body).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
  });

  it('refuses a YAML alias bomb', async () => {
    const lines = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`),
    ];
    const answer = await api.call('POST', TEMPLATES, lines.join('\n'), { 'content-type': 'application/yaml' });
    expect(answer.body).toMatchObject({ code: 400, message: expect.stringContaining('alias') });
  });

  it('writes nothing under dryRun, and refuses a word that it does not know', async () => {
    expect((await api.call('POST', `${TEMPLATES}?dryRun=All`, templateBody('a'))).status).toBe(201);
    expect((await api.call('GET', `${TEMPLATES}/a`)).status).toBe(404);
    expect((await api.call('POST', `${TEMPLATES}?dryRun=Some`, templateBody('a'))).body.message).toContain(
      'dryRun: Unsupported value: "Some"',
    );
  });

  it('draws another name when a generated one is taken', async () => {
    let draw = 0;
    const drawn = await testApi({ randomBytes: (size) => new Uint8Array(size).fill(draw++ < 2 ? 1 : 2) });
    const post = () => drawn.call('POST', TEMPLATES, { ...templateBody(''), metadata: { generateName: 'x-' } });
    expect([(await post()).body.metadata.name, (await post()).body.metadata.name]).toEqual(['x-ccccc', 'x-ddddd']);
  });
});

describe('unknown and repeated fields', () => {
  const text =
    '{"apiVersion":"argoproj.io/v1alpha1","kind":"AnalysisTemplate","metadata":{"name":"a"},"spec":{"metrics":[],"metrics":[],"nonsense":1}}';
  const post = (mode: string) => api.call('POST', `${TEMPLATES}${mode}`, text);

  it('are dropped with a warning each', async () => {
    const answer = await post('');
    expect(answer.status).toBe(201);
    expect(answer.body.spec).toEqual({ metrics: [] });
    expect(answer.headers['warning']).toEqual(
      expect.arrayContaining([
        '299 - "unknown field \\"spec.nonsense\\""',
        '299 - "duplicate field \\"spec.metrics\\""',
      ]),
    );
  });

  it('are dropped in silence under Ignore', async () => {
    const answer = await post('?fieldValidation=Ignore');
    expect(answer.body.spec).toEqual({ metrics: [] });
    expect(String(answer.headers['warning'] ?? '')).not.toContain('field \\"');
  });

  it('are refused under Strict', async () => {
    expect((await post('?fieldValidation=Strict')).body).toMatchObject({
      code: 400,
      message:
        'AnalysisTemplate in version "v1alpha1" cannot be handled as a AnalysisTemplate: strict decoding error: unknown field "spec.nonsense", duplicate field "spec.metrics"',
    });
  });

  it('say when the mode itself is unknown', async () => {
    expect((await post('?fieldValidation=Maybe')).status).toBe(422);
  });

  it.each([
    { name: 'unknown', members: (key: string) => Array.from({ length: 500 }, (_, i) => `"${key}${i}":1`) },
    { name: 'repeated', members: (key: string) => [`"${key}":{${Array(500).fill('"x":1').join()}}`] },
  ])('are told up to a hundred, and of long names the beginning, when they are $name', async ({ members }) => {
    const body = JSON.stringify(templateBody('a')).replace('{', `{${members('k'.repeat(1000)).join()},`);
    const { status, text: told } = await api.call('POST', `${TEMPLATES}?fieldValidation=Strict`, body);
    expect(status).toBe(400);
    expect(told.match(/(unknown|duplicate) field/g)).toHaveLength(100);
    expect(told.length).toBeLessThan(100 * 320);
    expect(told).toContain(`${'k'.repeat(256)}…`);
  });
});

it('what Argo accepts and regrets is stored, with a warning that names the field', async () => {
  const metric = { name: 'm', interval: '5 mins', provider: { web: { url: 'http://127.0.0.1:9/' } } };
  const answer = await api.call('POST', TEMPLATES, { ...templateBody('a'), spec: { metrics: [metric] } });
  expect(answer.status).toBe(201);
  expect(String(answer.headers['warning'])).toContain('spec.metrics[0].interval');
});

describe('updating', () => {
  it('replaces against the version that was read', async () => {
    const { body } = await create('a');
    const answer = await api.call('PUT', `${TEMPLATES}/a`, { ...body, spec: { metrics: [] } });
    expect(answer.body).toMatchObject({ metadata: { generation: 2, uid: body.metadata.uid }, spec: { metrics: [] } });
    expect((await api.call('PUT', `${TEMPLATES}/a`, body)).body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining(
        'the object has been modified; please apply your changes to the latest version and try again',
      ),
    });
  });

  it.each([
    { name: 'without a version', metadata: { name: 'a' }, status: 422 },
    { name: 'under another name', metadata: { name: 'b', resourceVersion: '2' }, status: 400 },
    { name: 'with text for finalizers', metadata: { name: 'a', resourceVersion: '2', finalizers: 'x/y' }, status: 422 },
    { name: 'with another uid', metadata: { name: 'a', resourceVersion: '2', uid: 'x' }, status: 409 },
  ])('is refused $name', async ({ metadata, status }) => {
    await create('a');
    expect((await api.call('PUT', `${TEMPLATES}/a`, { ...templateBody('a'), metadata })).status).toBe(status);
  });

  it('does not create', async () => {
    const answer = await api.call('PUT', `${TEMPLATES}/a`, {
      ...templateBody('a'),
      metadata: { name: 'a', resourceVersion: '2' },
    });
    expect(answer.body).toMatchObject({
      code: 404,
      details: { name: 'a', group: 'argoproj.io', kind: 'analysistemplates' },
    });
  });

  it('that changes nothing keeps the version', async () => {
    const { body } = await create('a', { labels: { a: 'b' } });
    expect((await api.call('PUT', `${TEMPLATES}/a`, body)).body).toEqual(body);
    expect(
      (await api.call('PATCH', `${TEMPLATES}/a`, { metadata: { labels: { a: 'b' }, managedFields: [] } })).body,
    ).toEqual(body);
  });
});

describe('patching', () => {
  const jsonPatch = (patch: unknown) =>
    api.call('PATCH', `${TEMPLATES}/a`, patch, { 'content-type': 'application/json-patch+json' });

  it('merges', async () => {
    await create('a', { labels: { a: '1', b: '2' } });
    expect(
      (await api.call('PATCH', `${TEMPLATES}/a`, { metadata: { labels: { a: null, c: '3' } } })).body.metadata.labels,
    ).toEqual({ b: '2', c: '3' });
  });

  it.each([
    { name: 'no list', patch: { op: 'add' }, status: 400, message: 'a JSON patch is a list of operations' },
    {
      name: 'a failed test',
      patch: [{ op: 'test', path: '/metadata/name', value: 'b' }],
      status: 422,
      message: 'the server rejected our request due to an error in our request',
    },
    {
      name: 'a missing path',
      patch: [{ op: 'remove', path: '/spec/args' }],
      status: 422,
      message: 'the server rejected our request due to an error in our request',
    },
    {
      name: 'another name',
      patch: [{ op: 'replace', path: '/metadata/name', value: 'b' }],
      status: 400,
      message: 'the name of the object (b) does not match',
    },
    {
      name: 'another uid',
      patch: [{ op: 'replace', path: '/metadata/uid', value: 'b' }],
      status: 422,
      message: 'metadata.uid: Invalid value: "b": field is immutable',
    },
    {
      name: 'the whole object',
      patch: [{ op: 'replace', path: '', value: 7 }],
      status: 400,
      message: 'the patch leaves no object',
    },
    {
      name: 'what the schema refuses',
      patch: [{ op: 'add', path: '/spec/metrics/0/count', value: 1.5 }],
      status: 422,
      message: 'must be of type integer,string: "number"',
    },
  ])('as JSON patch refuses $name and writes nothing', async ({ patch, status, message }) => {
    const { body } = await create('a');
    const answer = await jsonPatch(patch);
    expect(answer.body).toMatchObject({ code: status, message: expect.stringContaining(message) });
    expect((await api.call('GET', `${TEMPLATES}/a`)).body).toEqual(body);
  });

  it.each([
    ['application/strategic-merge-patch+json', 'custom resources have no strategic merge'],
    ['application/apply-patch+yaml', 'there is no server-side apply'],
    ['application/json', 'accepted media types include: application/json-patch+json, application/merge-patch+json'],
  ])('as %s is refused', async (type, message) => {
    await create('a');
    expect((await api.call('PATCH', `${TEMPLATES}/a`, {}, { 'content-type': type })).body).toMatchObject({
      code: 415,
      message: expect.stringContaining(message),
    });
  });

  it('never conflicts with itself: every one of many at once is in the result', async () => {
    await create('a');
    const labels = Array.from({ length: 20 }, (_, index) => `l${index}`);
    const answers = await Promise.all(
      labels.map((label) => api.call('PATCH', `${TEMPLATES}/a`, { metadata: { labels: { [label]: 'x' } } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Object.keys((await api.call('GET', `${TEMPLATES}/a`)).body.metadata.labels).sort()).toEqual(labels.sort());
  });

  it('conflicts when it names another version', async () => {
    await create('a');
    expect((await api.call('PATCH', `${TEMPLATES}/a`, { metadata: { resourceVersion: '999' } })).status).toBe(409);
  });
});

describe('deleting', () => {
  it('answers with the uid and takes the object away', async () => {
    const { body } = await create('a');
    const answer = await api.call('DELETE', `${TEMPLATES}/a`, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
    });
    expect(answer.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', group: 'argoproj.io', kind: 'analysistemplates', uid: body.metadata.uid },
    });
    expect((await api.call('DELETE', `${TEMPLATES}/a`)).status).toBe(404);
  });

  it('waits for finalizers, and ends with the last of them', async () => {
    await create('a', { finalizers: ['example.com/hold'] });
    const marked = await api.call('DELETE', `${TEMPLATES}/a`);
    expect(marked.body.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    expect((await api.call('DELETE', `${TEMPLATES}/a`)).body).toEqual(marked.body);
    expect(
      (await api.call('PATCH', `${TEMPLATES}/a`, { metadata: { finalizers: ['example.com/hold', 'b/c'] } })).status,
    ).toBe(422);
    expect((await api.call('PATCH', `${TEMPLATES}/a`, { metadata: { finalizers: null } })).status).toBe(200);
    expect((await api.call('GET', `${TEMPLATES}/a`)).status).toBe(404);
  });

  it.each([
    { name: 'another uid', options: { preconditions: { uid: 'x' } } },
    { name: 'another version', options: { preconditions: { resourceVersion: '999' } } },
  ])('is refused where $name is asked for', async ({ options }) => {
    await create('a');
    expect((await api.call('DELETE', `${TEMPLATES}/a`, options)).status).toBe(409);
    expect((await api.call('GET', `${TEMPLATES}/a`)).status).toBe(200);
  });

  it.each([
    { body: { dryRun: ['All'] }, query: '' },
    { body: undefined, query: '?dryRun=All' },
  ])('writes nothing under dryRun ($query)', async ({ body, query }) => {
    await create('a');
    expect((await api.call('DELETE', `${TEMPLATES}/a${query}`, body)).body.status).toBe('Success');
    expect((await api.call('GET', `${TEMPLATES}/a`)).status).toBe(200);
  });

  it('takes what the selectors choose', async () => {
    await create('a', { labels: { team: 'shop' } });
    await create('b', { labels: { team: 'pay' } });
    const answer = await api.call('DELETE', `${TEMPLATES}?labelSelector=team%3Dshop`);
    expect(answer.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a']);
    expect((await api.call('GET', TEMPLATES)).body.items).toHaveLength(1);
  });
});

describe('lists', () => {
  const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);

  it('come in pages that show one moment', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await api.call('GET', `${TEMPLATES}?limit=2`);
    expect(names(first.body)).toEqual(['a', 'b']);
    expect(first.body.metadata.remainingItemCount).toBe(1);
    await create('d');
    const second = await api.call(
      'GET',
      `${TEMPLATES}?limit=2&continue=${encodeURIComponent(first.body.metadata.continue)}`,
    );
    expect(names(second.body)).toEqual(['c']);
    expect(second.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion });
  });

  it('of all namespaces are in order of namespace and name', async () => {
    for (const [namespace, name] of [
      ['b', 'x'],
      ['a', 'y'],
      ['a', 'x'],
    ])
      await api.call('POST', `${ANALYSIS}/namespaces/${namespace}/analysistemplates`, templateBody(name as string));
    const { body } = await api.call('GET', `${ANALYSIS}/analysistemplates`);
    expect(
      body.items.map(
        ({ metadata }: { metadata: { namespace: string; name: string } }) => `${metadata.namespace}/${metadata.name}`,
      ),
    ).toEqual(['a/x', 'a/y', 'b/x']);
  });

  it('of cluster-scoped kinds need no namespace', async () => {
    const { kind: _kind, ...template } = templateBody('c');
    expect(
      (await api.call('POST', CLUSTER, { ...template, kind: 'ClusterAnalysisTemplate' })).body.metadata.namespace,
    ).toBeUndefined();
    expect(names((await api.call('GET', CLUSTER)).body)).toEqual(['c']);
  });

  it.each([
    { query: 'continue=garbage', status: 400 },
    { query: 'resourceVersion=x', status: 400 },
    { query: 'resourceVersion=999999', status: 504 },
    { query: 'resourceVersion=0', status: 200 },
    { query: 'resourceVersionMatch=Exact', status: 422 },
    { query: 'resourceVersion=1&resourceVersionMatch=Exact', status: 410 },
    { query: 'resourceVersion=1&resourceVersionMatch=NotOlderThan', status: 200 },
    { query: 'limit=-1', status: 400 },
    { query: 'labelSelector=a+b', status: 400 },
    { query: 'fieldSelector=spec.x%3D1', status: 400 },
    { query: 'sendInitialEvents=true', status: 422 },
  ])('with $query are answered $status', async ({ query, status }) => {
    await create('a');
    expect((await api.call('GET', `${TEMPLATES}?${query}`)).status).toBe(status);
  });
});

describe('other forms of an answer', () => {
  const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

  it('are tables with ages', async () => {
    await api.call('POST', RUNS, { ...runBody('r'), status: { phase: 'Failed' } });
    await (api.clock as TestClock).advance(95_000);
    const { body } = await api.call('GET', `${RUNS}?includeObject=None`, undefined, TABLE);
    expect(body.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      'Name',
      'Status',
      'Age',
      'Message',
    ]);
    expect(body.rows).toEqual([{ cells: ['r', 'Failed', '95s', ''], object: null }]);
    const one = await api.call('GET', `${RUNS}/r`, undefined, TABLE);
    expect(one.body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'r' } });
  });

  it('are metadata alone', async () => {
    await create('a');
    const { body } = await api.call('GET', TEMPLATES, undefined, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(body).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
    expect(body.items[0].spec).toBeUndefined();
  });

  it('are YAML, which reads back as the same object', async () => {
    const { body } = await create('a');
    const yaml = await api.call('GET', `${TEMPLATES}/a`, undefined, { accept: 'application/yaml' });
    expect(yaml.headers['content-type']).toContain('application/yaml');
    expect((await import('yaml')).parse(yaml.text)).toEqual(body);
  });

  it('are refused when nothing fits', async () => {
    await create('a');
    expect((await api.call('GET', `${TEMPLATES}/a`, undefined, { accept: 'text/html' })).body).toMatchObject({
      code: 406,
      reason: 'NotAcceptable',
    });
  });

  it.each([
    { name: 'a create', method: 'POST', url: TEMPLATES, body: templateBody('b') },
    { name: 'a replacement', method: 'PUT', url: `${TEMPLATES}/a`, body: { spec: { metrics: [] } } },
    { name: 'a patch', method: 'PATCH', url: `${TEMPLATES}/a`, body: { metadata: { labels: { x: 'y' } } } },
    { name: 'a deletion', method: 'DELETE', url: `${TEMPLATES}/a`, body: undefined },
    { name: 'the deletion of all', method: 'DELETE', url: TEMPLATES, body: undefined },
  ] as const)('are settled before $name is carried out', async ({ method, url, body }) => {
    const stored = (await create('a')).body;
    const sent = method === 'PUT' ? { ...stored, ...body } : body;
    expect((await api.call(method, url, sent, { accept: 'text/html' })).status).toBe(406);
    expect((await api.call(method, `${url}?includeObject=All`, sent)).status).toBe(400);
    expect((await api.call('GET', TEMPLATES)).body.items).toEqual([stored]);
  });
});

describe('runs', () => {
  const ticketOf = async () => (await api.deps.queue.depth()).waiting;

  it('are scheduled when they are created, when they change, and when they are asked to once more', async () => {
    const scheduled: string[] = [];
    const queue = { ...api.deps.queue, schedule: async ({ runId }: { runId: string }) => void scheduled.push(runId) };
    const watched = await testApi({ queue: queue as typeof api.deps.queue });
    await watched.call('POST', RUNS, runBody('r'));
    // The spare ticket and the one for now.
    expect(scheduled.splice(0)).toEqual(['shop/r', 'shop/r']);
    await watched.call('PATCH', `${RUNS}/r`, { spec: { terminate: true } });
    expect(scheduled.splice(0)).toEqual(['shop/r']);
    await watched.call('PATCH', `${RUNS}/r`, { spec: { terminate: true } });
    expect(scheduled).toEqual(['shop/r']);
    expect(await ticketOf()).toBe(0);
  });

  it('may name templates: they and their arguments are put into the run', async () => {
    await api.call('POST', TEMPLATES, {
      ...templateBody('t'),
      spec: { args: [{ name: 'service' }], metrics: (templateBody('t')['spec'] as { metrics: unknown }).metrics },
    });
    const body = {
      ...runBody('r'),
      spec: { templates: [{ templateName: 't' }], args: [{ name: 'service', value: 'checkout' }] },
    };
    const dry = await api.call('POST', `${RUNS}?dryRun=All`, body);
    const { body: run } = await api.call('POST', RUNS, body);
    expect(run.spec).toMatchObject({ args: [{ name: 'service', value: 'checkout' }], metrics: [{ name: 'errors' }] });
    expect(run.spec.templates).toBeUndefined();
    expect(dry.body.spec).toEqual(run.spec);
  });

  it.each([
    {
      name: 'a missing template',
      templates: [{ templateName: 'nope' }],
      message: `spec.templates[0]: AnalysisTemplate 'nope' not found`,
    },
    {
      name: 'an argument that nobody gives',
      templates: [{ templateName: 't' }],
      message: 'args.service was not resolved',
    },
    { name: 'neither metrics nor templates', templates: undefined, message: 'spec.metrics: Required value' },
  ])('are refused with $name', async ({ templates, message }) => {
    await api.call('POST', TEMPLATES, { ...templateBody('t'), spec: { args: [{ name: 'service' }], metrics: [] } });
    const answer = await api.call('POST', RUNS, { ...runBody('r'), spec: { templates } });
    expect(answer.body).toMatchObject({
      code: 422,
      message: expect.stringContaining(message),
      details: { kind: 'AnalysisRun', name: 'r' },
    });
    expect((await api.call('GET', `${RUNS}/r`)).status).toBe(404);
  });

  it('are refused when their templates together hold more metrics than anyone could run', async () => {
    const metric = (index: number) => ({ name: `m${index}`, provider: { web: { url: 'http://127.0.0.1:9/' } } });
    for (const [name, from] of [
      ['a', 0],
      ['b', 300],
    ] as const)
      await api.call('POST', TEMPLATES, {
        ...templateBody(name),
        spec: { metrics: Array.from({ length: 300 }, (_, index) => metric(from + index)) },
      });
    const answer = await api.call('POST', RUNS, {
      ...runBody('r'),
      spec: { templates: [{ templateName: 'a' }, { templateName: 'b' }] },
    });
    expect(answer.body).toMatchObject({ code: 422, message: expect.stringContaining('spec.metrics: Too many: 600') });
  });

  it('keep their name on the log lines about them', async () => {
    await api.call('POST', RUNS, runBody('r'));
    await api.call('PATCH', `${RUNS}/r`, { spec: { terminate: true } });
    expect(
      api.lines
        .filter(({ message }) => message === 'request answered')
        .map(({ fields }) => [fields['method'], fields['run']]),
    ).toEqual([
      ['POST', 'shop/r'],
      ['PATCH', 'shop/r'],
    ]);
  });
});

describe('the surface', () => {
  it.each([
    { method: 'PUT', url: TEMPLATES, status: 405 },
    { method: 'POST', url: `${TEMPLATES}/a`, status: 405 },
    { method: 'POST', url: `${ANALYSIS}/analysisruns`, status: 405 },
    { method: 'DELETE', url: '/api/v1/namespaces/default', status: 405 },
    { method: 'GET', url: `${TEMPLATES}/a/status`, status: 404 },
    { method: 'GET', url: `${ANALYSIS}/namespaces/shop/rollouts`, status: 404 },
    { method: 'GET', url: '/nothing', status: 404 },
    { method: 'GET', url: '/%zz', status: 400 },
  ] as const)('answers $method $url with a Status of $status', async ({ method, url, status }) => {
    const answer = await api.call(method, url);
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    expect(answer.status).toBe(status);
  });

  it('tells nothing of a mistake of ours, and logs it', async () => {
    const broken = await testApi();
    broken.deps.store.get = async () => {
      throw new TypeError('secret detail');
    };
    const answer = await broken.call('GET', `${RUNS}/r`);
    expect(answer.body).toMatchObject({ code: 500, reason: 'InternalError' });
    expect(answer.text).not.toContain('secret detail');
    expect(broken.lines.find(({ level }) => level === 'error')?.fields).toMatchObject({
      run: 'shop/r',
      err: { message: 'secret detail' },
    });
  });
});

describe('core kinds', () => {
  const EVENTS = '/api/v1/namespaces/shop/events';
  const event = (name: string, involvedObject: object) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject,
    reason: 'R',
    message: 'M',
    type: 'Normal',
    eventTime: null,
  });

  it('are events about objects of their namespace', async () => {
    const created = await api.call('POST', EVENTS, event('e', { kind: 'AnalysisRun', namespace: 'shop', name: 'r' }));
    expect(created.status).toBe(201);
    expect(created.body.metadata.generation).toBeUndefined();
    expect(
      (await api.call('GET', `${EVENTS}?fieldSelector=involvedObject.name%3Dr,involvedObject.kind%3DAnalysisRun`)).body
        .items,
    ).toHaveLength(1);
    expect((await api.call('GET', `${EVENTS}?fieldSelector=involvedObject.name%3Dother`)).body.items).toHaveLength(0);
    expect((await api.call('POST', EVENTS, event('f', { namespace: 'pay' }))).body.message).toContain(
      'involvedObject.namespace: Invalid value: "pay": does not match event.namespace',
    );
  });

  it('are namespaces that exist by being named', async () => {
    await api.call('POST', RUNS, runBody('r'));
    expect((await api.call('GET', '/api/v1/namespaces/anything')).body).toMatchObject({
      kind: 'Namespace',
      metadata: { name: 'anything' },
      status: { phase: 'Active' },
    });
    expect(
      (await api.call('GET', '/api/v1/namespaces')).body.items.map(
        ({ metadata }: { metadata: { name: string } }) => metadata.name,
      ),
    ).toEqual(['default', 'shop']);
    expect((await api.call('GET', '/api/v1/namespaces/Not_A_Name')).status).toBe(404);
  });

  it.each([
    { patch: { metadata: { annotations: { a: 'b' } } }, status: 200 },
    { patch: { metadata: { finalizers: ['a/b'] } }, status: 415 },
    { patch: { metadata: { $patch: 'replace', labels: {} } }, status: 415 },
  ])(
    'take a strategic merge patch where it is a plain merge: $patch is answered $status',
    async ({ patch, status }) => {
      const type = { 'content-type': 'application/strategic-merge-patch+json' };
      expect((await api.call('PATCH', '/api/v1/namespaces/shop', patch, type)).status).toBe(status);
    },
  );

  it('are namespaces that may be created and labelled', async () => {
    expect(
      (await api.call('PATCH', '/api/v1/namespaces/shop', { metadata: { labels: { team: 'shop' } } })).status,
    ).toBe(200);
    expect((await api.call('GET', '/api/v1/namespaces?labelSelector=team')).body.items).toHaveLength(1);
    expect(
      (await api.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pay' } }))
        .status,
    ).toBe(201);
    expect(
      (await api.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pay' } }))
        .status,
    ).toBe(409);
  });
});
