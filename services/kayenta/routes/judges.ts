import type { RouteOptions } from 'fastify';
import type { CanaryConfig } from '../../domain/canary-config.ts';
import { judge, judgeNames } from '../../judge/judge.ts';
import { answerJudgeRequest, judgementToJson, readStoredJudgeRequest } from '../../judge/judge-request.ts';
import { readMetricSetPairs } from '../../judge/read-metric-set-pairs.ts';
import { getDocument, newDocument } from '../documents.ts';
import { KayentaError } from '../kayenta-error.ts';
import { isLarge, judgeLargeRequest, SAMPLES_BODY_LIMIT } from '../large-body.ts';
import { type KayentaDeps, type KayentaRequest, route } from './route.ts';

const PAIR = { name: 'errors', id: 'p1', tags: {}, values: { control: [1, 2, 1], experiment: [5, 6, 5] } };
const CONFIG = {
  name: 'shop',
  metrics: [{ name: 'errors', groups: ['quality'], analysisConfigurations: { canary: { direction: 'increase' } } }],
  classifier: { groupWeights: { quality: 100 } },
};
const JUDGEMENT = {
  judgeName: 'NetflixACAJudge-v1.0',
  results: [],
  groupScores: [],
  score: { score: 100, classification: 'Pass', classificationReason: '' },
};
const STORED = {
  canaryConfigId: 'Id of the canary config.',
  metricSetPairListId: 'Id of the stored samples.',
  passThreshold: 'Scores from here on are Pass.',
  marginalThreshold: 'Scores from here on, below pass, are Marginal.',
  configurationAccountName: 'Account of the config.',
  storageAccountName: 'Account of the samples.',
};

export function judgeRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  const storedCase = async ({ query }: KayentaRequest) => {
    const names = Object.keys(STORED).map((name) => [name, query.text(name)] as const);
    const asked = readStoredJudgeRequest(Object.fromEntries(names.filter(([, value]) => value !== undefined)));
    deps.accounts.resolve(asked.configurationAccountName, 'CONFIGURATION_STORE');
    deps.accounts.resolve(asked.storageAccountName, 'OBJECT_STORE');
    const { config } = await getDocument(deps.store, 'CanaryConfig', asked.canaryConfigId);
    requireJudge(config.judge?.name);
    const list = await getDocument(deps.store, 'MetricSetPairList', asked.metricSetPairListId);
    return { config, thresholds: asked.thresholds, pairs: readMetricSetPairs(list.content) };
  };
  return [
    route('GET', '/judges', { operationId: 'listJudges', summary: 'The judges', example: judgeNames() }, async () => ({
      body: judgeNames(),
    })),
    route(
      'POST',
      '/judge',
      {
        operationId: 'judge',
        summary: "Judge samples: Kayenta's contract with a remote judge",
        requestExample: {
          canaryConfig: CONFIG,
          scoreThresholds: { pass: 95, marginal: 75 },
          metricSetPairList: [PAIR],
        },
        example: JUDGEMENT,
        bodyLimit: SAMPLES_BODY_LIMIT,
      },
      async (request) => {
        if (request.bytes !== undefined && isLarge(request.bytes))
          return { body: await judgeLargeRequest(request.bytes) };
        return { body: answerJudgeRequest(await request.json()) };
      },
    ),
    route(
      'POST',
      '/judges/judge',
      {
        operationId: 'judgeStored',
        summary: 'Judge stored samples by a stored config',
        parameters: STORED,
        example: JUDGEMENT,
        bodyLimit: SAMPLES_BODY_LIMIT,
      },
      async (request) => {
        const { config, thresholds, pairs } = await storedCase(request);
        return { body: judgementToJson(judge(config.judge?.name, config, thresholds, pairs)) };
      },
    ),
    route(
      'POST',
      '/judges/comparison',
      {
        operationId: 'compareJudges',
        summary: 'Judge stored samples by two judges',
        parameters: {
          ...STORED,
          overrideCanaryJudge1: 'Name of the first judge.',
          overrideCanaryJudge2: 'Name of the second judge.',
        },
        example: { comparisonResult: { judge1Result: JUDGEMENT, judge2Result: JUDGEMENT } },
      },
      async (request) => {
        const { config, thresholds, pairs } = await storedCase(request);
        const by = (name: string | undefined): unknown => {
          const judgeName = name ?? config.judge?.name;
          requireJudge(judgeName);
          const named: CanaryConfig =
            judgeName === undefined ? config : { ...config, judge: { ...config.judge, name: judgeName } };
          return judgementToJson(judge(judgeName, named, thresholds, pairs));
        };
        const comparisonResult = {
          judge1Result: by(request.query.text('overrideCanaryJudge1')),
          judge2Result: by(request.query.text('overrideCanaryJudge2')),
        };
        const id = deps.randomUuid();
        const updatedTimestamp = deps.clock.now();
        await deps.store.create(newDocument('JudgeComparison', id, { content: comparisonResult, updatedTimestamp }));
        return { body: { canaryExecutionId: id } };
      },
    ),
    route(
      'GET',
      '/judges/comparison/:executionId',
      {
        operationId: 'readJudgeComparison',
        summary: 'What two judges said',
        example: { comparisonResult: { judge1Result: JUDGEMENT, judge2Result: JUDGEMENT } },
      },
      async ({ params }) => ({
        body: {
          comparisonResult: (await getDocument(deps.store, 'JudgeComparison', params['executionId'] ?? '')).content,
        },
      }),
    ),
  ];
}

function requireJudge(name: string | undefined): void {
  if (name !== undefined && !judgeNames().some((judge) => judge.name === name))
    throw new KayentaError(`Unable to resolve canary judge '${name}'.`);
}
