import type { RouteOptions } from 'fastify';
import { StoreError } from '../../engine/ports.ts';
import { readMetricSetPairs } from '../../judge/read-metric-set-pairs.ts';
import { findDocument, getDocument, listDocuments, newDocument, removeDocument, updateDocument } from '../documents.ts';
import { formatInstant, instantOf } from '../java-values.ts';
import { isObject } from '../json-object.ts';
import { KayentaError } from '../kayenta-error.ts';
import { SAMPLES_BODY_LIMIT } from '../large-body.ts';
import { type KayentaDeps, type KayentaRequest, route } from './route.ts';

const ID = '0b9f0f3e-6d3b-4c7e-9a41-0c1f0f1f7a52';
const PAIRS = [{ name: 'errors', id: 'p1', tags: {}, values: { control: [1, 2], experiment: [3, 'NaN'] } }];
const SETS = [
  { name: 'errors', tags: {}, startTimeMillis: 0, endTimeMillis: 120000, stepMillis: 60000, values: [1, 2] },
];

type ListKind = 'MetricSetList' | 'MetricSetPairList';

/** Samples and archived results: kept as they came, under an id. */
export function storedListRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  return [
    ...listRoutes(deps, '/metricSetPairList', 'MetricSetPairList', PAIRS, (json) => {
      readMetricSetPairs(json);
      return json;
    }),
    route(
      'GET',
      '/metricSetPairList/:id/:metricSetPairId',
      { operationId: 'readMetricSetPair', summary: 'One pair of a list', parameters: ACCOUNT, example: PAIRS[0] },
      async ({ params, query }) => {
        deps.accounts.resolve(query.text('accountName'), 'OBJECT_STORE');
        const { content } = await getDocument(deps.store, 'MetricSetPairList', params['id'] ?? '');
        const pair = (content as readonly unknown[]).find(
          (one) => isObject(one) && one['id'] === params['metricSetPairId'],
        );
        return pair === undefined ? { status: 404 } : { body: pair };
      },
    ),
    ...listRoutes(deps, '/metricSetList', 'MetricSetList', SETS, (json) => {
      if (!Array.isArray(json)) throw new KayentaError('a metric set list must be a JSON list');
      return json;
    }),
    ...archiveRoutes(deps),
  ];
}

const ACCOUNT = { accountName: 'Account of the list; absent: the first object store.' };

function listRoutes(
  { store, accounts, clock, randomUuid }: KayentaDeps,
  path: string,
  kind: ListKind,
  example: unknown,
  read: (json: unknown) => unknown,
): readonly RouteOptions[] {
  const idMember = `${path.slice(1)}Id`;
  const account = ({ query }: KayentaRequest) => accounts.resolve(query.text('accountName'), 'OBJECT_STORE');
  return [
    route(
      'GET',
      path,
      {
        operationId: `list${kind}s`,
        summary: `Ids of stored lists (${kind})`,
        parameters: ACCOUNT,
        example: [{ id: ID, updatedTimestamp: 1767225600000, updatedTimestampIso: '2026-01-01T00:00:00Z' }],
      },
      async (request) => {
        account(request);
        return { body: (await listDocuments(store, kind)).map(summaryOf) };
      },
    ),
    route(
      'GET',
      `${path}/:id`,
      { operationId: `read${kind}`, summary: `A stored list (${kind})`, parameters: ACCOUNT, example },
      async (request) => {
        account(request);
        return { body: (await getDocument(store, kind, request.params['id'] ?? '')).content };
      },
    ),
    route(
      'POST',
      path,
      {
        operationId: `create${kind}`,
        summary: `Store a list (${kind})`,
        parameters: ACCOUNT,
        requestExample: example,
        example: { [idMember]: ID },
        bodyLimit: SAMPLES_BODY_LIMIT,
      },
      async (request) => {
        account(request);
        const content = read(await request.json());
        const id = randomUuid();
        await store.create(newDocument(kind, id, { content, updatedTimestamp: clock.now() }));
        return { body: { [idMember]: id } };
      },
    ),
    route(
      'DELETE',
      `${path}/:id`,
      { operationId: `delete${kind}`, summary: `Delete a stored list (${kind})`, parameters: ACCOUNT, status: 204 },
      async (request) => {
        account(request);
        const id = request.params['id'] ?? '';
        if (!(await removeDocument(store, kind, id)))
          throw new KayentaError(`No such object named ${id}`, { status: 404 });
        return {};
      },
    ),
  ];
}

const summaryOf = ({ metadata, updatedTimestamp }: { metadata: { name: string }; updatedTimestamp: number }) => ({
  id: metadata.name,
  updatedTimestamp,
  updatedTimestampIso: formatInstant(instantOf(updatedTimestamp)),
});

function archiveRoutes({ store, accounts, clock, randomUuid }: KayentaDeps): readonly RouteOptions[] {
  const parameters = { storageAccountName: 'Account of the archive; absent: the first object store.' };
  const account = ({ query }: KayentaRequest) => accounts.resolve(query.text('storageAccountName'), 'OBJECT_STORE');
  const status = { application: 'shop', complete: true, status: 'succeeded' };
  return [
    route(
      'GET',
      '/canaryResultArchive',
      { operationId: 'listArchivedResults', summary: 'Archived results', parameters, example: [{ id: ID }] },
      async (request) => {
        account(request);
        return { body: (await listDocuments(store, 'CanaryArchive')).map(summaryOf) };
      },
    ),
    route(
      'GET',
      '/canaryResultArchive/:id',
      { operationId: 'readArchivedResult', summary: 'One archived result', parameters, example: status },
      async (request) => {
        account(request);
        return { body: (await getDocument(store, 'CanaryArchive', request.params['id'] ?? '')).content };
      },
    ),
    route(
      'POST',
      '/canaryResultArchive',
      {
        operationId: 'archiveResult',
        summary: 'Archive a result',
        parameters: { ...parameters, pipelineId: 'Id of the result; absent: a new one.' },
        requestExample: status,
        example: { pipelineId: ID },
      },
      async (request) => {
        account(request);
        const id = request.query.text('pipelineId') ?? randomUuid();
        const content = await request.json();
        try {
          await store.create(newDocument('CanaryArchive', id, { content, updatedTimestamp: clock.now() }));
        } catch (error) {
          if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
          throw new KayentaError(`Archived canary result '${id}' already exists.`);
        }
        return { body: { pipelineId: id } };
      },
    ),
    route(
      'PUT',
      '/canaryResultArchive/:id',
      {
        operationId: 'replaceArchivedResult',
        summary: 'Replace an archived result',
        parameters,
        requestExample: status,
        example: { pipelineId: ID },
      },
      async (request) => {
        account(request);
        const id = request.params['id'] ?? '';
        const content = await request.json();
        if ((await findDocument(store, 'CanaryArchive', id)) === undefined)
          throw new KayentaError(`Archived canary result '${id}' does not exist.`);
        await updateDocument(store, 'CanaryArchive', id, (document) => ({
          ...document,
          content,
          updatedTimestamp: clock.now(),
        }));
        return { body: { pipelineId: id } };
      },
    ),
    route(
      'DELETE',
      '/canaryResultArchive/:id',
      { operationId: 'deleteArchivedResult', summary: 'Delete an archived result', parameters, status: 204 },
      async (request) => {
        account(request);
        const id = request.params['id'] ?? '';
        if (!(await removeDocument(store, 'CanaryArchive', id)))
          throw new KayentaError(`No such object named ${id}`, { status: 404 });
        return {};
      },
    ),
  ];
}
