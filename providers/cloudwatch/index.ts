import type {
  MetricDataQuery as AwsQuery,
  GetMetricDataCommandOutput,
  MessageData,
  MetricDataResult,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { durationMs } from '../../services/domain/duration.ts';
import { GoLeaf, type ResultValue } from '../../services/domain/result.ts';
import { alignSamples, completeSteps } from '../align-samples.ts';
import { type Provider, type ProviderCall, ProviderError, type Series } from '../contract.ts';
import { goJson, printValue } from '../go-format.ts';
import { getMetricData } from './get-metric-data.ts';
import { CloudWatchQuery, type MetricDataQuery } from './query.ts';

type Call = ProviderCall<CloudWatchQuery>;

const DEFAULT_INTERVAL = '5m';
/** A range of a step a second for a day needs one page; more than this is not a range any more. */
const MOST_PAGES = 20;

export const cloudWatch: Provider<CloudWatchQuery> = {
  member: 'cloudWatch',
  typeName: 'CloudWatch',
  schema: CloudWatchQuery,
  account: (_query, setting) => setting('AWS_REGION') || setting('AWS_DEFAULT_REGION') || 'default region',

  async measure(call) {
    const { metricDataQueries: queries } = call.query;
    const { MetricDataResults: results = [], Messages: messages = [] } = await getMetricData(call, {
      StartTime: new Date(call.now - intervalMs(call)),
      EndTime: new Date(call.now),
      MetricDataQueries: queries.map((query) => awsQuery(query)),
    });
    return {
      result: { type: '[]types.MetricDataResult', value: results.map(goFields) },
      value: printValue(results.map(({ Values = [] }) => Values)),
      keepsValueOnError: true,
      ...(messages.length > 0 && { metadata: { messages: goJson(messages.map(messageFields)) } }),
    };
  },

  /** All pages, oldest first; the step is the period of every query where CloudWatch has such periods. */
  async series(call, range) {
    const { startMs, stepMs, count } = completeSteps(range, call.now);
    const period = isPeriod(stepMs / 1000) ? stepMs / 1000 : undefined;
    const input = {
      StartTime: new Date(startMs),
      EndTime: new Date(startMs + stepMs * count),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: call.query.metricDataQueries.map((query) => awsQuery(query, period)),
    } as const;
    const series = new Map<string, Gathered>();
    let token: string | undefined;
    for (let page = 1; page === 1 || token !== undefined; page += 1) {
      if (page > MOST_PAGES) throw new ProviderError('refused', `CloudWatch has more than ${MOST_PAGES} pages of data`);
      const answer = await getMetricData(call, { ...input, ...(token !== undefined && { NextToken: token }) });
      gather(series, answer);
      token = answer.NextToken;
    }
    return [...series.values()].map(({ name, status, points }): Series => {
      if (status !== 'Complete')
        throw new ProviderError('unavailable', `CloudWatch gave only part of ${name}: ${status}`);
      return { name, tags: {}, ...alignSamples(points, range, call.now) };
    });
  },
};

interface Gathered {
  readonly name: string;
  readonly points: (readonly [timeMs: number, value: number])[];
  /** Of the last page: PartialData is what all pages but the last say. */
  readonly status: string;
}

function gather(series: Map<string, Gathered>, { MetricDataResults: results = [] }: GetMetricDataCommandOutput): void {
  for (const { Id: id = '', Label: label, StatusCode: status = '', Timestamps = [], Values = [] } of results) {
    // One query may have several results (a SEARCH): their labels differ.
    const key = JSON.stringify([id, label]);
    const points = series.get(key)?.points ?? [];
    for (const [index, time] of Timestamps.entries()) points.push([time.getTime(), Values[index] ?? Number.NaN]);
    series.set(key, { name: label || id, points, status });
  }
}

function intervalMs({ query }: Call): number {
  try {
    return durationMs(query.interval || DEFAULT_INTERVAL);
  } catch (error) {
    throw new ProviderError('refused', (error as Error).message);
  }
}

/** CloudWatch's periods in seconds. */
function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

function awsQuery(query: MetricDataQuery, period?: number): AwsQuery {
  const { id, expression, label, metricStat, returnData } = query;
  const isOwn = query.period === undefined && (period === undefined || metricStat !== undefined);
  return {
    Id: id,
    ...(expression !== undefined && { Expression: expression }),
    ...(label !== undefined && { Label: label }),
    ...(metricStat !== undefined && { MetricStat: awsStat(metricStat, period) }),
    ...(!isOwn && { Period: period ?? wholeNumber(query.period) }),
    ...(returnData !== undefined && { ReturnData: returnData }),
  };
}

function awsStat(metricStat: NonNullable<MetricDataQuery['metricStat']>, period: number | undefined) {
  const { metric = {}, stat = '', unit = '' } = metricStat;
  return {
    Metric: {
      ...(metric.namespace !== undefined && { Namespace: metric.namespace }),
      MetricName: metric.metricName ?? '',
      ...(metric.dimensions !== undefined &&
        metric.dimensions.length > 0 && {
          Dimensions: metric.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
        }),
    },
    Period: period ?? wholeNumber(metricStat.period),
    Stat: stat,
    ...(unit !== '' && { Unit: unit as StandardUnit }),
  };
}

/** Kubernetes' int-or-string: a text that is no number is 0, and AWS says what it thinks of that. */
function wholeNumber(value: number | string | undefined): number {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? Number(value) : 0;
  return value ?? 0;
}

type Fields = Readonly<Record<string, ResultValue>>;

/** Argo hands conditions the structs of AWS's Go client: its field names, absent texts nil. */
function goFields({ Id, Label, StatusCode, Timestamps = [], Values = [], Messages = [] }: MetricDataResult): Fields {
  return {
    Id: Id ?? null,
    Label: Label ?? null,
    StatusCode: StatusCode ?? '',
    Timestamps: Timestamps.map((time) => new GoLeaf('time.Time', BigInt(time.getTime()) * 1_000_000n)),
    Values,
    Messages: Messages.map(messageFields),
  };
}

function messageFields({ Code, Value }: MessageData): Fields {
  return { Code: Code ?? null, Value: Value ?? null };
}
