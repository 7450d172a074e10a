import type { Provider, ProviderCall } from '../contract.ts';
import { measureFlux, seriesFlux } from './flux.ts';
import { measureInfluxQl, seriesInfluxQl } from './influxql.ts';
import { InfluxdbQuery } from './query.ts';
import { DEFAULT_PROFILE } from './secret.ts';

const isInfluxQl = ({ query }: ProviderCall<InfluxdbQuery>): boolean =>
  query.database !== undefined && query.database !== '';

export const influxdb: Provider<InfluxdbQuery> = {
  member: 'influxdb',
  typeName: 'Influxdb',
  schema: InfluxdbQuery,
  account: ({ profile }) => profile || DEFAULT_PROFILE,
  measure: (call) => (isInfluxQl(call) ? measureInfluxQl(call) : measureFlux(call)),
  series: (call, range) => (isInfluxQl(call) ? seriesInfluxQl(call, range) : seriesFlux(call, range)),
};
