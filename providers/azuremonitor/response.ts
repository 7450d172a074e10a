import type { Json } from '../../services/domain/result.ts';
import { ProviderError } from '../contract.ts';
import { type JsonObject, listOf, objectOf } from '../json-shape.ts';

/** The points of a metric by aggregation, oldest first, of several time series one after another; null is a point without data. */
export type MetricPoints = Readonly<Record<string, readonly (number | null)[]>>;

/** Throws ProviderError for a metric that Azure could not answer for, which it says inside a 200. */
export function readMetrics(
  answer: JsonObject,
  names: readonly string[],
  aggregations: readonly string[],
): ReadonlyMap<string, MetricPoints> {
  const answered = listOf(answer['value']).map(objectOf);
  return new Map(
    names.map((name) => {
      const metric = answered.find((one) => nameOf(one).toLowerCase() === name.toLowerCase());
      if (metric === undefined) throw new ProviderError('no-data', `Azure Monitor: no answer for the metric ${name}`);
      const { errorCode = 'Success', errorMessage, timeseries } = metric;
      if (errorCode !== 'Success')
        throw new ProviderError(
          'refused',
          `Azure Monitor: metric ${name}: ${String(errorCode)} ${errorMessage ?? ''}`.trim(),
        );
      const points = listOf(timeseries)
        .flatMap((series) => listOf(objectOf(series)['data']))
        .map(objectOf);
      return [
        name,
        Object.fromEntries(
          aggregations.map((aggregation) => [
            aggregation,
            points.map((point) => numberOf(point[aggregation.toLowerCase()])),
          ]),
        ),
      ];
    }),
  );
}

function nameOf(metric: JsonObject): string {
  return String(objectOf(metric['name'])['value'] ?? '');
}

function numberOf(value: Json | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value;
  throw new ProviderError('refused', `Azure Monitor: ${JSON.stringify(value)} is not a number`);
}
