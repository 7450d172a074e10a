import { type ProviderCall, ProviderError } from '../contract.ts';
import { isUrl } from '../go-url.ts';
import type { InfluxdbQuery } from './query.ts';

export const DEFAULT_PROFILE = 'influxdb';

/** Argo asks for 30 seconds, its client stops at 20. */
export const TIMEOUT_MS = 20_000;

export function readProfile(call: ProviderCall<InfluxdbQuery>): Promise<Readonly<Record<string, string>>> {
  return call.readSecret(call.controllerNamespace, call.query.profile || DEFAULT_PROFILE);
}

export function addressOf(address: string): string {
  if (isUrl(address)) return address;
  throw new ProviderError(
    'refused',
    `InfluxDB address ${JSON.stringify(address)} is not a URL such as http://influxdb:8086`,
  );
}
