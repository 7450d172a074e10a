import type { RouteOptions } from 'fastify';
import type { CanaryConfig } from '../../domain/canary-config.ts';
import { StoreError } from '../../engine/ports.ts';
import { checkCanaryConfig } from '../../judge/check-canary-config.ts';
import { warningsOn } from '../../judge/judge.ts';
import { readConfig, stampConfig, summarizeConfig } from '../canary-config.ts';
import { findDocument, getDocument, listDocuments, newDocument, removeDocument, updateDocument } from '../documents.ts';
import { KayentaError } from '../kayenta-error.ts';
import { type KayentaDeps, type KayentaRequest, route } from './route.ts';

const ACCOUNT = { configurationAccountName: 'Account of the config; absent: the default one.' };
const CONFIG = {
  name: 'shop',
  applications: ['shop'],
  judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
  metrics: [
    {
      name: 'errors',
      query: { type: 'prometheus', customInlineTemplate: 'PromQL:sum(rate(errors{app="${scope}"}[1m]))' },
      groups: ['quality'],
      analysisConfigurations: { canary: { direction: 'increase' } },
      scopeName: 'default',
    },
  ],
  classifier: { groupWeights: { quality: 100 } },
};
const ID = { canaryConfigId: 'b4a4b1b5-6b0c-4f0a-9a3c-6f1f0b9e3b11' };

export function canaryConfigRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  const { store, clock } = deps;
  const account = ({ query }: KayentaRequest) =>
    deps.accounts.resolve(query.text('configurationAccountName'), 'CONFIGURATION_STORE');
  const others = async (id: string | undefined): Promise<readonly CanaryConfig[]> =>
    (await listDocuments(store, 'CanaryConfig', ({ metadata }) => metadata.name !== id)).map(({ config }) => config);

  return [
    route(
      'GET',
      '/canaryConfig',
      {
        operationId: 'listCanaryConfigs',
        summary: 'Canary configs, by name',
        parameters: { ...ACCOUNT, application: 'Applications, separated by commas; absent: all.' },
        example: [
          {
            id: ID.canaryConfigId,
            name: 'shop',
            updatedTimestamp: 1556747152000,
            updatedTimestampIso: '2019-05-01T21:45:52Z',
            applications: ['shop'],
          },
        ],
      },
      async (request) => {
        account(request);
        const wanted = request.query.list('application');
        const documents = await listDocuments(
          store,
          'CanaryConfig',
          ({ config }) => wanted.length === 0 || (config.applications ?? []).some((name) => wanted.includes(name)),
        );
        const summaries = documents.map(({ config }) => summarizeConfig(config));
        return { body: summaries.toSorted((left, right) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1)) };
      },
    ),
    route(
      'GET',
      '/canaryConfig/:id',
      { operationId: 'readCanaryConfig', summary: 'One canary config', parameters: ACCOUNT, example: CONFIG },
      async (request) => {
        account(request);
        return { body: (await getDocument(store, 'CanaryConfig', request.params['id'] ?? '')).config };
      },
    ),
    route(
      'POST',
      '/canaryConfig',
      {
        operationId: 'createCanaryConfig',
        summary: 'Store a canary config',
        parameters: ACCOUNT,
        requestExample: CONFIG,
        example: ID,
      },
      async (request) => {
        account(request);
        const given = readConfig(await request.json());
        const id = given.id || deps.randomUuid();
        checkCanaryConfig(given, await others(id));
        const now = clock.now();
        const config = stampConfig(
          { ...given, id },
          { created: given.createdTimestamp ?? now, updated: given.updatedTimestamp ?? now },
        );
        try {
          await store.create(newDocument('CanaryConfig', id, { config }));
        } catch (error) {
          if (!(error instanceof StoreError && error.code === 'already-exists')) throw error;
          throw new KayentaError(`Canary config '${id}' already exists.`);
        }
        return { body: { canaryConfigId: id }, warnings: warningsOn(config) };
      },
    ),
    route(
      'PUT',
      '/canaryConfig/:id',
      {
        operationId: 'replaceCanaryConfig',
        summary: 'Replace a canary config',
        parameters: ACCOUNT,
        requestExample: CONFIG,
        example: ID,
      },
      async (request) => {
        account(request);
        const id = request.params['id'] ?? '';
        const given = readConfig(await request.json());
        if ((await findDocument(store, 'CanaryConfig', id)) === undefined)
          throw new KayentaError(`Canary config '${id}' does not exist.`);
        checkCanaryConfig(given, await others(id));
        const updated = clock.now();
        await updateDocument(store, 'CanaryConfig', id, (document) => {
          const created = given.createdTimestamp ?? document.config.createdTimestamp ?? updated;
          return { ...document, config: stampConfig({ ...given, id: given.id ?? id }, { created, updated }) };
        });
        return { body: { canaryConfigId: id }, warnings: warningsOn(given) };
      },
    ),
    route(
      'DELETE',
      '/canaryConfig/:id',
      { operationId: 'deleteCanaryConfig', summary: 'Delete a canary config', parameters: ACCOUNT, status: 204 },
      async (request) => {
        account(request);
        if (!(await removeDocument(store, 'CanaryConfig', request.params['id'] ?? '')))
          throw new KayentaError('Does not exist');
        return {};
      },
    ),
  ];
}
