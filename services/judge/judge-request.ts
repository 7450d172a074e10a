import type { CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import { doubleFromJson, doubleToJson } from '../domain/json-double.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import { JsonField, present } from './json-field.ts';
import { judge } from './judge.ts';
import { readCanaryConfig } from './read-canary-config.ts';
import { readMetricSetPairs } from './read-metric-set-pairs.ts';

/** Body of `POST /judge`, the contract between Kayenta and a remote judge. */
export interface JudgeRequest {
  readonly canaryConfig: CanaryConfig;
  readonly scoreThresholds: Thresholds;
  readonly metricSetPairList: readonly MetricSetPair[];
}

/** Throws CallerError with the place of what is missing or misshapen. */
export function readJudgeRequest(body: unknown): JudgeRequest {
  const request = new JsonField(body, '');
  const thresholds = request.get('scoreThresholds');
  return {
    canaryConfig: readCanaryConfig(request.get('canaryConfig').value, 'canaryConfig'),
    scoreThresholds: { pass: thresholds.get('pass').number(), marginal: thresholds.get('marginal').number() },
    metricSetPairList: readMetricSetPairs(request.get('metricSetPairList').value, 'metricSetPairList'),
  };
}

/** The answer to `POST /judge`: the judge that the config names, or Kayenta's default. */
export function answerJudgeRequest(body: unknown): unknown {
  const { canaryConfig, scoreThresholds, metricSetPairList } = readJudgeRequest(body);
  return judgementToJson(judge(canaryConfig.judge?.name, canaryConfig, scoreThresholds, metricSetPairList));
}

/** Query of `POST /judges/judge`: what to judge lies in the stores under these ids. */
export interface StoredJudgeRequest {
  readonly canaryConfigId: string;
  readonly metricSetPairListId: string;
  readonly thresholds: Thresholds;
  readonly configurationAccountName?: string;
  readonly storageAccountName?: string;
}

/** Throws CallerError when one of the four required parameters is missing. Empty account names are none. */
export function readStoredJudgeRequest(query: unknown): StoredJudgeRequest {
  const parameters = new JsonField(query, '');
  const required = (name: string): JsonField => {
    const parameter = parameters.get(name);
    return parameter.isAbsent ? parameter.fail('is required') : parameter;
  };
  const account = <K extends string>(name: K) =>
    parameters.get(name).value === '' ? {} : present(parameters, name, (field) => field.text());
  return {
    canaryConfigId: required('canaryConfigId').text(),
    metricSetPairListId: required('metricSetPairListId').text(),
    thresholds: { pass: required('passThreshold').number(), marginal: required('marginalThreshold').number() },
    ...account('configurationAccountName'),
    ...account('storageAccountName'),
  };
}

/** A judgement as JSON carries it: NaN and infinities are texts. */
export function judgementToJson(judgement: Judgement): unknown {
  return toJson(judgement);
}

/** Any value with its numbers as JSON carries them. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'number') return doubleToJson(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}

/** The inverse of `toJson`: numbers that travelled as texts are numbers again. */
export function fromJson(value: unknown): unknown {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return doubleFromJson(value);
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromJson(member)]));
}
