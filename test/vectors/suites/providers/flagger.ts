import type { Reading } from '../../../../providers/contract.ts';
import { ProviderError } from '../../../../providers/contract.ts';
import { createProviders, type MeasureCall, type Providers } from '../../../../providers/create-providers.ts';
import { splunkEndpoints } from '../../../../providers/flagger/splunk.ts';
import type { Outcome } from '../../suite.ts';
import { matches } from '../kayenta-http/matches.ts';
import { withAmbientToken } from './ambient-token.ts';
import { optionsFor } from './argo.ts';
import { atServer, type Case, type Expect, inFile } from './case.ts';
import { startExchangeServer } from './exchange-server.ts';

interface FlaggerSpec {
  readonly provider?: { readonly type: string; readonly address?: string };
}

/** Plays a flagger case: the `flagger` provider with the case's block, against a server that compares its requests. */
export async function playFlagger(written: Case): Promise<Outcome> {
  const server = await startExchangeServer();
  const played = atServer(written, server.url);
  const { expect = {}, exchanges = [], now } = played;
  server.expect(exchanges);
  try {
    return await withAmbientToken(async (settings) => {
      const env = { ...played.env, ...settings, GOOGLE_CLOUD_MONITORING_ADDRESS: server.url };
      const providers = createProviders(optionsFor({ ...played, env }));
      try {
        const call: MeasureCall = {
          provider: { flagger: blockOf(played, server.url) },
          // A MetricTemplate is where its secret is.
          run: { uid: 'uid', name: 'run', namespace: played.secrets?.[0]?.namespace ?? 'ns' },
          metric: { name: 'metric' },
          attempt: 1,
          now: now === undefined ? Date.now() : Date.parse(now),
          signal: AbortSignal.timeout(30_000),
        };
        const actual = await answerOf(played, call, providers);
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

/** A case of the observers names no metrics server: it is Flagger's own. */
function blockOf({ spec }: Case, url: string): object {
  return spec['provider'] === undefined ? { ...spec, provider: { type: 'prometheus', address: url } } : spec;
}

type Actual = Readonly<Record<string, unknown>>;

async function answerOf(played: Case, call: MeasureCall, providers: Providers): Promise<Actual> {
  const { provider } = played.spec as FlaggerSpec;
  if (played.expect !== undefined && 'endpoints' in played.expect)
    return { endpoints: splunkEndpoints(provider?.address ?? '') };
  try {
    if (played.op === 'isOnline') {
      await providers.check(call);
      return { online: true };
    }
    const { result } = (await providers.measure(call)) as Reading;
    return { result: inFile(result?.value) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { online: false, error: error.message, errorKind: kindOf(error) };
  }
}

/** Flagger's two named errors. */
function kindOf({ kind, message }: ProviderError): string {
  if (message.includes('query returned multiple values')) return 'multipleValues';
  return kind === 'no-data' ? 'noValues' : kind;
}

function fits(expect: Expect, actual: Actual): boolean {
  return Object.entries(expect).every(([name, wanted]) => {
    switch (name) {
      case 'note':
        return true;
      // An error while building and one while asking are recorded alike; what was sent tells them apart.
      case 'stage':
        return actual['error'] !== undefined;
      case 'errorContains':
        return String(actual['error'] ?? '').includes(String(wanted));
      case 'successRatePercent':
      case 'durationMs':
        return matches(wanted, actual['result']);
      case 'result':
      case 'endpoints':
      case 'online':
      case 'error':
      case 'errorKind':
        return matches(wanted, actual[name]);
      default:
        throw new Error(`nothing checks ${name}`);
    }
  });
}
