import type { RouteOptions } from 'fastify';
import { warningsOn } from '../../judge/judge.ts';
import { parseStandaloneRequest } from '../analysis-request.ts';
import { presentAnalysis } from '../analysis-status.ts';
import { cancelAnalysis, settledAnalysis, startAnalysis } from '../canary-analysis.ts';
import { readConfig } from '../canary-config.ts';
import { cancelExecution, settledExecution } from '../canary-execution.ts';
import {
  type AnalysisDocument,
  type ExecutionContext,
  findDocument,
  getDocument,
  listDocuments,
  removeDocument,
} from '../documents.ts';
import { parseExecutionRequest } from '../execution-request.ts';
import { startExecution, stopRun } from '../execution-run.ts';
import { isComplete, presentExecution, stateOf } from '../execution-status.ts';
import { KayentaError } from '../kayenta-error.ts';
import { type KayentaDeps, type KayentaRequest, member, route } from './route.ts';

const AD_HOC = 'ad-hoc';
const DEFAULT_LIMIT = 20;

const ACCOUNTS = {
  application: 'Application that the execution is for.',
  parentPipelineExecutionId: 'Pipeline that asks.',
  metricsAccountName: 'Account to read the metrics from; absent: the first metrics store.',
  storageAccountName: 'Account to keep results in; absent: the first object store.',
};
const WITH_CONFIG = { ...ACCOUNTS, configurationAccountName: 'Account of the config; absent: the default one.' };

const SIDE = { scope: 'shop-v1', location: 'eu', start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', step: 60 };
const REQUEST = {
  scopes: { default: { controlScope: SIDE, experimentScope: { ...SIDE, scope: 'shop-v2' } } },
  thresholds: { pass: 95, marginal: 75 },
};
const ANALYSIS = {
  scopes: [{ controlScope: 'shop-v1', experimentScope: 'shop-v2', step: 60 }],
  thresholds: { pass: 95, marginal: 75 },
  lifetimeDurationMins: 60,
  analysisIntervalMins: 15,
};
const EXECUTION_ID = '01JB5Z1V6W7X8Y9ZABCDEFGHJK';

export function executionRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  const { store, accounts, clock } = deps;
  const now = () => clock.now();

  const contextOf = ({ query }: KayentaRequest, canaryConfigId: string, otherwise: string): ExecutionContext => {
    const parent = query.text('parentPipelineExecutionId');
    const stored = canaryConfigId !== AD_HOC;
    return {
      application: query.text('application') ?? otherwise,
      ...(parent === undefined ? {} : { parentPipelineExecutionId: parent }),
      canaryConfigId,
      metricsAccountName: accounts.resolve(query.text('metricsAccountName'), 'METRICS_STORE').name,
      storageAccountName: accounts.resolve(query.text('storageAccountName'), 'OBJECT_STORE').name,
      ...(stored
        ? {
            configurationAccountName: accounts.resolve(query.text('configurationAccountName'), 'CONFIGURATION_STORE')
              .name,
          }
        : {}),
    };
  };
  const storedConfig = async (id: string) => (await getDocument(store, 'CanaryConfig', id)).config;
  const adHoc = async (request: KayentaRequest) => {
    const json = await request.json();
    const config = member(json, 'canaryConfig');
    const executionRequest = member(json, 'executionRequest');
    if (config === undefined || config === null)
      throw new KayentaError('canaryConfig must be provided for ad-hoc requests');
    if (executionRequest === undefined || executionRequest === null)
      throw new KayentaError('executionRequest must be provided for ad-hoc requests');
    return { config: readConfig(config), executionRequest };
  };
  const withUser = (context: ExecutionContext, { query }: KayentaRequest): AnalysisDocument['context'] => ({
    ...context,
    user: query.text('user') ?? 'anonymous',
  });

  return [
    route(
      'POST',
      '/canary/:canaryConfigId',
      {
        operationId: 'startCanary',
        summary: 'Compare canary with baseline by a stored config',
        parameters: WITH_CONFIG,
        requestExample: REQUEST,
        example: { canaryExecutionId: EXECUTION_ID },
      },
      async (request) => {
        const id = request.params['canaryConfigId'] ?? '';
        const context = contextOf(request, id, 'kayenta-assay');
        const config = await storedConfig(id);
        const asked = parseExecutionRequest(await request.json());
        const canaryExecutionId = await startExecution(deps, context, config, asked);
        return { body: { canaryExecutionId }, warnings: warningsOn(config, asked.thresholds) };
      },
    ),
    route(
      'POST',
      '/canary',
      {
        operationId: 'startAdHocCanary',
        summary: 'Compare canary with baseline by the config in the request',
        parameters: ACCOUNTS,
        requestExample: { canaryConfig: { name: 'shop', metrics: [] }, executionRequest: REQUEST },
        example: { canaryExecutionId: EXECUTION_ID },
      },
      async (request) => {
        const context = contextOf(request, AD_HOC, AD_HOC);
        const { config, executionRequest } = await adHoc(request);
        const asked = parseExecutionRequest(executionRequest);
        const canaryExecutionId = await startExecution(deps, context, config, asked);
        return { body: { canaryExecutionId }, warnings: warningsOn(config, asked.thresholds) };
      },
    ),
    route(
      'GET',
      '/canary/executions',
      {
        operationId: 'listCanaryExecutions',
        summary: 'Executions of an application, newest first',
        parameters: {
          application: 'Applications, separated by commas; absent: ad-hoc.',
          limit: `Executions a page, ${DEFAULT_LIMIT} when absent.`,
          page: 'The page, from 1.',
          statuses: 'Status words in upper case, separated by commas; absent: all.',
          storageAccountName: ACCOUNTS.storageAccountName,
        },
        example: [],
      },
      async ({ query }) => {
        accounts.resolve(query.text('storageAccountName'), 'OBJECT_STORE');
        const applications = query.list('application');
        const statuses = query.list('statuses').map((status) => status.toLowerCase());
        const wanted = applications.length === 0 ? [AD_HOC] : applications;
        const documents = await listDocuments(store, 'CanaryExecution', ({ context }) =>
          wanted.includes(context.application),
        );
        const settled = await Promise.all(documents.map((execution) => settledExecution(deps, execution)));
        const selected = settled.filter((execution) => statuses.length === 0 || statuses.includes(stateOf(execution)));
        const limit = Math.max(0, Math.trunc(query.number('limit') ?? DEFAULT_LIMIT));
        const first = (Math.max(1, Math.trunc(query.number('page') ?? 1)) - 1) * limit;
        // Ids sort by the time they were made.
        return {
          body: selected
            .toReversed()
            .slice(first, first + limit)
            .map(presentExecution),
        };
      },
    ),
    route(
      'GET',
      '/canary/:canaryExecutionId',
      {
        operationId: 'readCanaryExecution',
        summary: 'State and result of an execution',
        parameters: { storageAccountName: ACCOUNTS.storageAccountName },
        example: { application: 'shop', pipelineId: EXECUTION_ID, complete: false, status: 'running' },
      },
      async ({ params, query }) => {
        accounts.resolve(query.text('storageAccountName'), 'OBJECT_STORE');
        const id = params['canaryExecutionId'] ?? '';
        const execution = await findDocument(store, 'CanaryExecution', id);
        if (execution !== undefined) return { body: presentExecution(await settledExecution(deps, execution)) };
        if ((await findDocument(store, 'CanaryAnalysis', id)) !== undefined)
          throw new KayentaError(
            "Only named pipelines of 'Standard Canary Pipeline' can be converted to a CanaryExecutionStatusResponse object, 'Standalone Canary Analysis Pipeline' received",
          );
        return { body: (await getDocument(store, 'CanaryArchive', id)).content };
      },
    ),
    route(
      'POST',
      '/standalone_canary_analysis/:canaryConfigId',
      {
        operationId: 'startStandaloneAnalysis',
        summary: 'Judge again and again over a lifetime, by a stored config',
        parameters: { ...WITH_CONFIG, user: 'Who asks.' },
        requestExample: ANALYSIS,
        example: { canaryAnalysisExecutionId: EXECUTION_ID },
      },
      async (request) => {
        const id = request.params['canaryConfigId'] ?? '';
        const context = withUser(contextOf(request, id, AD_HOC), request);
        const asked = parseStandaloneRequest(await request.json());
        const config = await storedConfig(id);
        const canaryAnalysisExecutionId = await startAnalysis(deps, context, config, asked);
        return { body: { canaryAnalysisExecutionId }, warnings: warningsOn(config) };
      },
    ),
    route(
      'POST',
      '/standalone_canary_analysis',
      {
        operationId: 'startAdHocStandaloneAnalysis',
        summary: 'Judge again and again over a lifetime, by the config in the request',
        parameters: { ...ACCOUNTS, user: 'Who asks.' },
        requestExample: { canaryConfig: { name: 'shop', metrics: [] }, executionRequest: ANALYSIS },
        example: { canaryAnalysisExecutionId: EXECUTION_ID },
      },
      async (request) => {
        const { config, executionRequest } = await adHoc(request);
        const context = withUser(contextOf(request, AD_HOC, AD_HOC), request);
        const asked = parseStandaloneRequest(executionRequest);
        const canaryAnalysisExecutionId = await startAnalysis(deps, context, config, asked);
        return { body: { canaryAnalysisExecutionId }, warnings: warningsOn(config) };
      },
    ),
    route(
      'GET',
      '/standalone_canary_analysis/:canaryAnalysisExecutionId',
      {
        operationId: 'readStandaloneAnalysis',
        summary: 'State and result of a standalone analysis',
        parameters: { storageAccountName: ACCOUNTS.storageAccountName },
        example: { application: 'shop', pipelineId: EXECUTION_ID, complete: false, status: 'running' },
      },
      async ({ params, query }) => {
        accounts.resolve(query.text('storageAccountName'), 'OBJECT_STORE');
        const stored = await getDocument(store, 'CanaryAnalysis', params['canaryAnalysisExecutionId'] ?? '');
        const analysis = await settledAnalysis(deps, stored);
        const started = await Promise.all(
          analysis.executionIds.map(async (id) => {
            const execution = await findDocument(store, 'CanaryExecution', id);
            return execution && settledExecution(deps, execution);
          }),
        );
        // The account may be gone from the configuration since.
        const type = accounts.all.find(({ name }) => name === analysis.context.metricsAccountName)?.type;
        const executions = started.filter((execution) => execution !== undefined);
        return { body: presentAnalysis(analysis, executions, type) };
      },
    ),
    route(
      'PUT',
      '/pipelines/:id/cancel',
      { operationId: 'cancelPipeline', summary: 'Cancel an execution or analysis', status: 202 },
      async ({ params }) => {
        const id = params['id'] ?? '';
        const analysis = await findDocument(store, 'CanaryAnalysis', id);
        if (analysis === undefined) await getDocument(store, 'CanaryExecution', id);
        for (const executionId of analysis?.executionIds ?? [id]) {
          if ((await findDocument(store, 'CanaryExecution', executionId)) === undefined) continue;
          await cancelExecution({ store, now }, executionId);
          await stopRun(deps, executionId);
        }
        if (analysis !== undefined) {
          await cancelAnalysis(deps, id);
          await stopRun(deps, id);
        }
        return {};
      },
    ),
    route(
      'GET',
      '/pipelines',
      { operationId: 'listPipelines', summary: 'Ids of all executions', example: [EXECUTION_ID] },
      async () => {
        const ids = await Promise.all([
          listDocuments(store, 'CanaryExecution'),
          listDocuments(store, 'CanaryAnalysis'),
        ]);
        return { body: ids.flat().map(({ metadata }) => metadata.name) };
      },
    ),
    route(
      'DELETE',
      '/pipelines/:id',
      { operationId: 'deletePipeline', summary: 'Forget a complete execution' },
      async ({ params }) => {
        const id = params['id'] ?? '';
        const analysis = await findDocument(store, 'CanaryAnalysis', id);
        const isOver =
          analysis === undefined
            ? isComplete(stateOf(await settledExecution(deps, await getDocument(store, 'CanaryExecution', id))))
            : (await settledAnalysis(deps, analysis)).endTimeMillis !== undefined;
        if (!isOver) throw new KayentaError(`execution ${id} is not complete: cancel it first`, { status: 401 });
        await removeDocument(store, analysis === undefined ? 'CanaryExecution' : 'CanaryAnalysis', id);
        return {};
      },
    ),
  ];
}
