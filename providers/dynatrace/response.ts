import { ProviderError } from '../contract.ts';
import { type JsonObject, listOf, objectOf } from '../json-shape.ts';

/** What is relied on of an answer of the metrics API: every series of every metric that the selector names. */
export interface MetricData {
  readonly series: readonly {
    readonly metricId: string;
    readonly dimensions: Readonly<Record<string, string>>;
    /** Null is a gap. */
    readonly points: readonly (readonly [timeMs: number, value: number | null])[];
  }[];
  readonly warnings: readonly string[];
}

/** Throws ProviderError for half an answer and for values that are not numbers. */
export function readMetricData(answer: JsonObject): MetricData {
  if (typeof answer['nextPageKey'] === 'string')
    throw new ProviderError('refused', 'dynatrace: the answer goes on on a next page: select fewer series');
  const metrics = listOf(answer['result']).map(objectOf);
  return {
    series: metrics.flatMap(({ metricId, data }) =>
      listOf(data)
        .map(objectOf)
        .map(({ dimensionMap, timestamps, values }) => ({
          metricId: String(metricId ?? ''),
          dimensions: Object.fromEntries(
            Object.entries(objectOf(dimensionMap)).map(([name, value]) => [name, String(value)]),
          ),
          points: listOf(values).map((value, index) => {
            if (value !== null && typeof value !== 'number')
              throw new ProviderError('refused', `dynatrace: ${JSON.stringify(value)} is not a number`);
            return [Number(listOf(timestamps)[index] ?? Number.NaN), value] as const;
          }),
        })),
    ),
    warnings: [...listOf(answer['warnings']), ...metrics.flatMap(({ warnings }) => listOf(warnings))].map(String),
  };
}
