import Type from 'typebox';
import { durationMs } from '../services/domain/duration.ts';
import { ProviderError } from './contract.ts';

/** The fields about time of the sources that Argo lacks, with the defaults of Argo's Datadog block. */

export const Interval = Type.Optional(
  Type.String({ default: '5m', description: 'How far back from now the window reaches, as a Go duration.' }),
);
export const RequestTimeout = Type.Optional(
  Type.String({ default: '10s', description: 'Limit for everything a measurement asks for, as a Go duration.' }),
);

/** Epoch milliseconds; now and then are whole seconds. Throws ProviderError `refused` for what is not a positive duration. */
export function lookBack(nowMs: number, interval = '5m'): { readonly startMs: number; readonly endMs: number } {
  const endMs = Math.floor(nowMs / 1000) * 1000;
  return { startMs: endMs - readDuration('interval', interval), endMs };
}

/** Milliseconds. Throws ProviderError `refused` naming the field. */
export function readDuration(field: string, text: string): number {
  let ms: number;
  try {
    ms = durationMs(text);
  } catch (error) {
    throw new ProviderError('refused', `${field}: ${(error as Error).message}`);
  }
  if (ms <= 0) throw new ProviderError('refused', `${field}: must be more than nothing, is ${text}`);
  return ms;
}
