import { beforeAll } from 'vitest';
import { providerConformance } from '../../conformance/provider.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const keys = (url: string, secret: string) => ({
  secrets: { read: async () => ({ address: url, 'api-key': secret, 'app-key': `${secret}-app` }) },
});

// The client package takes seconds to load, which is no part of what the tests measure.
beforeAll(async () => {
  const providers = testProviders(keys('http://127.0.0.1:1', 'key'));
  for (const apiVersion of ['v1', 'v2'])
    await providers.measure(callFor({ datadog: { apiVersion, query: 'avg:up{*}' } })).catch(() => undefined);
  providers.close();
}, 60_000);

providerConformance('datadog v1', {
  spec: (_url, _secret, seconds) => ({ datadog: { query: 'avg:up{*}', requestTimeout: `${seconds}s` } }),
  options: keys,
  answer: { contentType: 'application/json', body: '{"status":"ok","series":[{"pointlist":[[1700000000000,1]]}]}' },
});

providerConformance('datadog v2', {
  spec: (_url, _secret, seconds) => ({
    datadog: { apiVersion: 'v2', query: 'avg:up{*}', requestTimeout: `${seconds}s` },
  }),
  options: keys,
  answer: {
    contentType: 'application/json',
    body: '{"data":{"attributes":{"columns":[{"name":"query","type":"number","values":[1]}]}}}',
  },
});
