// The requests of kayenta-http.json whose `given` is null: each against a fresh server.
import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../../../../services/kayenta/accounts.ts';
import { readConfig } from '../../../../services/kayenta/canary-config.ts';
import { newDocument } from '../../../../services/kayenta/documents.ts';
import { testKayenta } from '../../../support/kayenta.ts';
import type { Outcome } from '../../suite.ts';
import { matches } from './matches.ts';
import type { Case } from './pure.ts';

/** "Every account named in the request exists, default accounts of each type exist, and every metrics source is enabled": an account of every name and type. */
function accountsFor({ request, response }: Case): readonly Account[] {
  const types = ['METRICS_STORE', 'OBJECT_STORE', 'CONFIGURATION_STORE'] as const;
  const named = ['metricsAccountName', 'configurationAccountName', 'storageAccountName', 'accountName']
    .map((name) => request.query?.[name] as string | undefined)
    .filter((name) => name !== undefined && name !== '');
  // The one account that a case says does not exist.
  const missing = /Unable to resolve account (\S+)\.$/.exec(response.body?.message ?? '')?.[1];
  return [...new Set(['default', ...named])]
    .filter((name) => name !== missing)
    .map((name) => ({
      name: name as string,
      type: 'prometheus',
      supportedTypes: types,
      endpoint: { baseUrl: 'http://127.0.0.1:9' },
    }));
}

const ANY_CONFIG = {
  name: 'any',
  applications: ['any'],
  metrics: [{ name: 'm', query: { type: 'wavefront', metricName: 'm' }, groups: ['g'], scopeName: 'default' }],
  classifier: { groupWeights: {} },
};

export async function playRequest(given: Case): Promise<Outcome> {
  const { request, response } = given;
  const kayenta = await testKayenta(accountsFor(given));
  try {
    // What a path names by id exists: a stored config, or the archived answer.
    const [, resource, id] = request.path.split('/');
    if (resource === 'canary' && request.method === 'POST' && id !== undefined)
      await kayenta.deps.store.create(newDocument('CanaryConfig', id, { config: readConfig(ANY_CONFIG) }));
    if (resource === 'canary' && request.method === 'GET' && id !== undefined && response.status === 200)
      await kayenta.deps.store.create(
        newDocument('CanaryArchive', id, { content: response.body, updatedTimestamp: 0 }),
      );
    const payload = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    const answer = await kayenta.app.inject({
      method: request.method,
      url: request.path,
      query: request.query ?? {},
      headers: request.headers ?? {},
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    const actual = { status: answer.statusCode, body: isJson ? JSON.parse(answer.payload) : answer.payload };
    const fits =
      answer.statusCode === response.status &&
      (response.body === undefined || isDeepStrictEqual(actual.body, response.body)) &&
      (response.bodyMatches === undefined || matches(response.bodyMatches, actual.body)) &&
      (!response.bodyEmpty || answer.payload === '') &&
      (response.contentType === undefined || String(answer.headers['content-type']).startsWith(response.contentType));
    const name = `http ${given.name}`;
    return fits ? { name, status: 'passed' } : { name, status: 'failed', expected: response, actual };
  } finally {
    await kayenta.close();
  }
}
