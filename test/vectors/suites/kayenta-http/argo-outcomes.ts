// What Argo's kayenta provider makes of an answer: the section argoOutcomes of kayenta-http.json.
import { ProviderError } from '../../../../providers/contract.ts';
import { failedMeasurement, measurementOf } from '../../../../services/analysis/evaluate-reading.ts';
import type { Measurement } from '../../../../services/domain/run.ts';
import { serve } from '../../../support/http-server.ts';
import { callFor, testProviders } from '../../../support/providers.ts';
import type { Case, Compared } from './pure.ts';

const SCOPE = { scope: 's', region: '', step: 60, start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z' };

export async function argoOutcome(given: Case): Promise<Compared> {
  const server = await serve((request, response) => {
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url?.startsWith('/canaryConfig')) json(200, given.lookupBody ?? [{ id: 'c', name: 'config' }]);
    else if (request.method === 'POST') json(200, given.startBody ?? { canaryExecutionId: 'x' });
    else json(given.pollStatus, given.pollBody);
  });
  const providers = testProviders();
  const spec = {
    kayenta: {
      address: server.url,
      application: 'app',
      canaryConfigName: 'config',
      configurationAccountName: '',
      metricsAccountName: '',
      storageAccountName: '',
      threshold: given.thresholds ?? { pass: 90, marginal: 75 },
      scopes: [{ name: 'default', controlScope: SCOPE, experimentScope: SCOPE }],
    },
  };
  const call = callFor(spec);
  const times = { startedAt: call.now, endedAt: call.now };
  const metric = { name: 'm', provider: spec };
  let measurement: Measurement;
  try {
    measurement = measurementOf(metric, await providers.measure(call), times);
    if (measurement.finishedAt === undefined && given.pollStatus !== undefined) {
      const inFlight = measurement;
      const answer = await providers.resume(call, inFlight);
      measurement = answer === undefined ? inFlight : measurementOf(metric, answer, { ...times, inFlight });
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    measurement = failedMeasurement(error.message, times);
  } finally {
    providers.close();
    await server.close();
  }
  const names = ['phase', 'value', 'message'].filter((name) => name in given);
  const pick = (from: object) =>
    Object.fromEntries(names.map((name) => [name, (from as Record<string, unknown>)[name]]));
  return { expected: pick(given), actual: pick(measurement) };
}
