import { describe, expect, it } from 'vitest';
import { CallerError } from '../../../services/domain/errors.ts';
import { answerJudgeRequest, readJudgeRequest, readStoredJudgeRequest } from '../../../services/judge/judge-request.ts';

const request = {
  canaryConfig: {
    name: 'cfg',
    configVersion: 1,
    isNew: true,
    judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
    metrics: [
      { name: 'm', groups: ['g'], analysisConfigurations: { canary: { direction: 'increase' } }, queryType: 'x' },
    ],
    classifier: { groupWeights: { g: '100' }, scoreThresholds: { pass: 95, marginal: null } },
  },
  scoreThresholds: { pass: '95', marginal: 75 },
  metricSetPairList: [
    {
      name: 'm',
      id: 'id-1',
      tags: { zone: 1 },
      values: { control: [1, 2, 'NaN'], experiment: ['Infinity', 5, 6] },
      attributes: { control: { query: 'up' } },
      scopes: { control: { startTimeMillis: 0, stepMillis: 60000 } },
    },
  ],
};

describe('POST /judge', () => {
  it('is read as Kayenta’s mapper reads it: unknown keys dropped, scalars coerced', () => {
    const { canaryConfig, scoreThresholds, metricSetPairList } = readJudgeRequest(request);
    expect(canaryConfig).toEqual({
      name: 'cfg',
      configVersion: '1',
      judge: { name: 'NetflixACAJudge-v1.0', judgeConfigurations: {} },
      metrics: [{ name: 'm', groups: ['g'], analysisConfigurations: { canary: { direction: 'increase' } } }],
      classifier: { groupWeights: { g: 100 }, scoreThresholds: { pass: 95 } },
    });
    expect(scoreThresholds).toEqual({ pass: 95, marginal: 75 });
    expect(metricSetPairList).toEqual([
      {
        name: 'm',
        id: 'id-1',
        tags: { zone: '1' },
        values: {
          control: Float64Array.of(1, 2, Number.NaN),
          experiment: Float64Array.of(Number.POSITIVE_INFINITY, 5, 6),
        },
        attributes: { control: { query: 'up' } },
        scopes: { control: { startTimeMillis: 0, stepMillis: 60000 } },
      },
    ]);
  });

  it('is answered with texts for what JSON has no number for', () => {
    const answer = answerJudgeRequest(request);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
    expect(answer).toMatchObject({
      judgeName: 'NetflixACAJudge-v1.0',
      results: [{ resultMetadata: { ratio: 'NaN' }, experimentMetadata: { stats: { max: 'Infinity' } } }],
    });
  });

  it.each([
    { name: 'no body', change: undefined, field: 'body' },
    { name: 'no thresholds', change: { scoreThresholds: null }, field: 'scoreThresholds' },
    { name: 'half the thresholds', change: { scoreThresholds: { pass: 95 } }, field: 'scoreThresholds.marginal' },
    { name: 'no pairs', change: { metricSetPairList: undefined }, field: 'metricSetPairList' },
    {
      name: 'a pair without a side',
      change: { metricSetPairList: [{ name: 'm', values: { control: [1] } }] },
      field: 'metricSetPairList[0].values.experiment',
    },
    {
      name: 'a null value',
      change: { metricSetPairList: [{ name: 'm', values: { control: [1], experiment: [null] } }] },
      field: 'metricSetPairList[0].values.experiment',
    },
    {
      name: 'settings in a list',
      change: { canaryConfig: { metrics: [{ name: 'm', analysisConfigurations: { canary: [] } }] } },
      field: 'canaryConfig.metrics[0].analysisConfigurations.canary',
    },
    {
      name: 'a null weight',
      change: { canaryConfig: { metrics: [], classifier: { groupWeights: { g: null } } } },
      field: 'canaryConfig.classifier.groupWeights.g',
    },
  ])('refuses $name and says where', ({ change, field }) => {
    const error = caught(() => answerJudgeRequest(change === undefined ? undefined : { ...request, ...change }));
    expect(error).toBeInstanceOf(CallerError);
    expect((error as CallerError).causes).toEqual([{ field, message: expect.any(String) }]);
  });
});

describe('POST /judges/judge', () => {
  const query = { canaryConfigId: 'c', metricSetPairListId: 'p', passThreshold: '95', marginalThreshold: '75.5' };
  it('names what lies in the stores', () => {
    expect(readStoredJudgeRequest({ ...query, storageAccountName: '', configurationAccountName: 'memory' })).toEqual({
      canaryConfigId: 'c',
      metricSetPairListId: 'p',
      thresholds: { pass: 95, marginal: 75.5 },
      configurationAccountName: 'memory',
    });
  });
  it.each(Object.keys(query))('requires %s', (name) => {
    expect(() => readStoredJudgeRequest({ ...query, [name]: undefined })).toThrow(`${name}: is required`);
  });
  it('refuses a threshold that is no number', () => {
    expect(() => readStoredJudgeRequest({ ...query, passThreshold: 'high' })).toThrow(
      'passThreshold: must be a number',
    );
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
