import { doubleToJson } from '../domain/json-double.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';

/** A pair as it is stored and as it travels: NaN and the infinities are texts. */
export function storedPair(pair: MetricSetPair): object {
  return {
    ...pair,
    values: {
      control: Array.from(pair.values.control, doubleToJson),
      experiment: Array.from(pair.values.experiment, doubleToJson),
    },
  };
}
