import type { Reading } from './contract.ts';
import { shortestDecimal } from './go-format.ts';

/** One number a series, as a list even when there is one series; nil, with the value `[]`, when there is none at all. */
export function listReading(values: readonly number[], warnings: readonly string[] = []): Reading {
  return {
    result: values.length === 0 ? { type: 'nil', value: null } : { type: '[]float64', value: values },
    value: `[${values.map(shortestDecimal).join(',')}]`,
    ...(warnings.length > 0 && { metadata: { warnings: warnings.join('; ') } }),
  };
}
