import { doubleFromJson } from '../domain/json-double.ts';
import type { MetricSetPair, MetricSetScope, Sides } from '../domain/metric-set.ts';
import { JsonField, present } from './json-field.ts';

const text = (field: JsonField) => field.text();
const texts = (field: JsonField) =>
  Object.fromEntries(
    field
      .entries()
      .filter(([, value]) => !value.isAbsent)
      .map(([key, value]) => [key, value.text()]),
  );
const sides =
  <T>(read: (field: JsonField) => T) =>
  (field: JsonField): Partial<Sides<T>> => ({
    ...present(field, 'control', read),
    ...present(field, 'experiment', read),
  });

/** Reads a `metricSetPairList`. Throws CallerError with the place; a null among the values is an error, as in Kayenta. */
export function readMetricSetPairs(body: unknown, path = ''): MetricSetPair[] {
  return new JsonField(body, path).items().map((pair) => ({
    name: pair.get('name').text(),
    ...present(pair, 'id', text),
    ...present(pair, 'tags', texts),
    values: {
      control: readValues(pair.get('values').get('control')),
      experiment: readValues(pair.get('values').get('experiment')),
    },
    ...present(pair, 'scopes', sides(readScope)),
    ...present(pair, 'attributes', sides(texts)),
  }));
}

function readValues(field: JsonField): Float64Array {
  if (!Array.isArray(field.value)) return field.fail('must be a list of numbers');
  const list: readonly unknown[] = field.value;
  const values = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    values[i] =
      typeof value === 'number'
        ? value
        : (doubleFromJson(value) ?? field.fail(`element ${i} must be a number, "NaN", "Infinity" or "-Infinity"`));
  }
  return values;
}

const readScope = (scope: JsonField): Partial<MetricSetScope> => ({
  ...present(scope, 'startTimeIso', text),
  ...present(scope, 'startTimeMillis', (field) => field.number()),
  ...present(scope, 'stepMillis', (field) => field.number()),
});
