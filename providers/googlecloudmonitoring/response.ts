import type { Json } from '../../services/domain/result.ts';
import { ProviderError } from '../contract.ts';
import { type JsonObject, listOf, objectOf } from '../json-shape.ts';

/** One series of timeSeries.list, its points newest first. */
export interface ListedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly endMs: number; readonly value: number }[];
}

/** One page of timeSeries.list. Throws ProviderError for what could not be computed whole. */
export function readPage(answer: JsonObject): {
  readonly series: readonly ListedSeries[];
  readonly nextPageToken: string | undefined;
} {
  refuseErrors(answer['executionErrors']);
  const { nextPageToken } = answer;
  return {
    series: listOf(answer['timeSeries'])
      .map(objectOf)
      .map(({ metric, resource, points }) => ({
        name: String(objectOf(metric)['type'] ?? ''),
        labels: { ...labelsOf(resource), ...labelsOf(metric) },
        points: listOf(points)
          .map(objectOf)
          .map(({ interval, value }) => ({
            endMs: Date.parse(String(objectOf(interval)['endTime'] ?? '')),
            value: numberOf(value),
          })),
      })),
    nextPageToken: typeof nextPageToken === 'string' && nextPageToken !== '' ? nextPageToken : undefined,
  };
}

export function newestOf({ points }: ListedSeries): readonly number[] {
  return points.slice(0, 1).map(({ value }) => value);
}

/** The newest numbers of each series that an MQL query yields. */
export function readQueried(answer: JsonObject): readonly number[] {
  refuseErrors(answer['partialErrors']);
  return listOf(answer['timeSeriesData']).flatMap((series) => {
    const [newest] = listOf(objectOf(series)['pointData']);
    return listOf(objectOf(newest)['values']).map(numberOf);
  });
}

function numberOf(value: Json | undefined): number {
  const { doubleValue, int64Value, boolValue } = objectOf(value);
  if (typeof doubleValue === 'number') return doubleValue;
  // JSON has no place for them: NaN and infinities are texts.
  if (typeof doubleValue === 'string') return Number(doubleValue);
  if (typeof int64Value === 'string' || typeof int64Value === 'number') return Number(int64Value);
  if (typeof boolValue === 'boolean') return boolValue ? 1 : 0;
  throw new ProviderError(
    'refused',
    `Google Cloud Monitoring: a point is no number but ${Object.keys(objectOf(value)).join(', ') || 'nothing'}: choose an aligner that yields one`,
  );
}

function labelsOf(value: Json | undefined): Readonly<Record<string, string>> {
  const labels = Object.entries(objectOf(objectOf(value)['labels']));
  return Object.fromEntries(labels.map(([name, label]) => [name, String(label)]));
}

function refuseErrors(errors: Json | undefined): void {
  const [first] = listOf(errors);
  if (first === undefined) return;
  const { message = JSON.stringify(first) } = objectOf(first);
  throw new ProviderError('unavailable', `Google Cloud Monitoring: half an answer: ${String(message)}`);
}
