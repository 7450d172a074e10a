import { ProviderError, type Reading } from '../../../../providers/contract.ts';
import { createProviders, type MeasureCall } from '../../../../providers/create-providers.ts';
import type { Outcome } from '../../suite.ts';
import { matches } from '../kayenta-http/matches.ts';
import { withAmbientToken } from './ambient-token.ts';
import { optionsFor } from './argo.ts';
import { atServer, type Case, type Expect, inFile } from './case.ts';
import { startExchangeServer } from './exchange-server.ts';

interface Played {
  readonly provider: MeasureCall['provider'];
  readonly settings?: Readonly<Record<string, string>>;
  readonly secret?: Readonly<Record<string, string>>;
}

/** The samples of a vendor's wire format name neither server nor account: where they go, by file. */
const PLAYS: Readonly<Record<string, (spec: Case['spec'], url: string) => Played>> = {
  googlemonitoring: (spec, url) => ({
    provider: { googleCloudMonitoring: spec },
    settings: { GOOGLE_CLOUD_MONITORING_ADDRESS: url },
  }),
  azuremonitor: ({ window, ...spec }, url) => ({
    provider: { azureMonitor: { ...spec, interval: window, secretRef: { name: 'azure' } } },
    settings: { AZURE_AUTHORITY_HOST: url, AZURE_RESOURCE_MANAGER_ADDRESS: url },
    secret: { 'tenant-id': 'tenant-id', 'client-id': 'cid', 'client-secret': 'sec' },
  }),
  elasticsearch: (spec, url) => ({ provider: { elasticsearch: { address: url, ...spec } } }),
};

/** Plays a docs case: a vendor's wire format, read and written by the provider for it. */
export async function playDocs(written: Case, file: string): Promise<Outcome> {
  const play = PLAYS[file];
  if (play === undefined) throw new Error(`no provider speaks the format of ${file}`);
  const server = await startExchangeServer();
  const played = atServer(written, server.url);
  const { expect = {}, exchanges = [], now } = played;
  server.expect(exchanges);
  try {
    return await withAmbientToken(async (ambient) => {
      const { provider, settings, secret } = play(played.spec, server.url);
      const options = optionsFor({ ...played, env: { ...ambient, ...settings, ...played.env } });
      const providers = createProviders({
        ...options,
        ...(secret !== undefined && { secrets: { read: async () => secret } }),
      });
      try {
        const call: MeasureCall = {
          provider,
          run: { uid: 'uid', name: 'run', namespace: 'default' },
          metric: { name: 'metric' },
          attempt: 1,
          now: now === undefined ? Date.now() : Date.parse(now),
          signal: AbortSignal.timeout(30_000),
        };
        const actual = await providers.measure(call).then(
          (reading) => ({ value: inFile((reading as Reading).result?.value) }),
          (error: unknown) => {
            if (!(error instanceof ProviderError)) throw error;
            return { error: error.message };
          },
        );
        const faults = server.faults();
        return fits(expect, actual) && faults.length === 0
          ? { name: written.name, status: 'passed' }
          : { name: written.name, status: 'failed', expected: expect, actual: { ...actual, faults } };
      } finally {
        providers.close();
      }
    });
  } finally {
    await server.close();
  }
}

function fits(expect: Expect, actual: { readonly value?: unknown; readonly error?: string }): boolean {
  return Object.entries(expect).every(([name, wanted]) => {
    switch (name) {
      case 'note':
        return true;
      case 'error':
        return actual.error === wanted;
      case 'errorContains':
        return (actual.error ?? '').includes(String(wanted));
      case 'result':
      case 'results':
      case 'series':
      case 'vector':
        return matches(wanted, actual.value);
      default:
        throw new Error(`nothing checks ${name}`);
    }
  });
}
