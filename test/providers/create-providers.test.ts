import { execFileSync } from 'node:child_process';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { type Provider, type ProviderCall, ProviderError } from '../../providers/contract.ts';
import type { SourceCall } from '../../providers/create-providers.ts';
import { settled, TestClock } from '../support/clock.ts';
import { serve } from '../support/http-server.ts';
import { callFor, testProviders } from '../support/providers.ts';

type Call = ProviderCall<{ readonly q: string }>;
const unlimited = { concurrency: 10, requestsPerSecond: 0, retries: 0 };

/** Providers with one more, `probe`, that does as told. */
function withProbe(
  probe: Partial<Provider<{ readonly q: string }>>,
  options: Parameters<typeof testProviders>[0] = {},
) {
  const schema = Type.Object({ q: Type.String({ default: 'all' }) });
  const provider = { member: 'probe', typeName: 'Probe', schema, account: () => 'somewhere', ...probe } as Provider;
  return testProviders(options, { probe: { typeName: 'Probe', schema, load: async () => provider } });
}
const reading = { value: '1', result: { type: 'float64', value: 1 } } as const;

describe('a block', () => {
  it.each([
    { name: 'names no provider', provider: {}, want: "no valid provider in metric 'metric'" },
    { name: 'names an unknown one', provider: { nobody: {} }, want: "no valid provider in metric 'metric'" },
    {
      name: 'does not fit',
      provider: { prometheus: { query: 5 } },
      want: 'provider.prometheus.query: must be of type string, is 5',
    },
  ])('that $name is refused', async ({ provider, want }) => {
    await expect(testProviders().measure(callFor(provider))).rejects.toThrow(new ProviderError('refused', want));
  });

  it('with two providers means the one that Argo would use', () => {
    const { typeName } = testProviders();
    expect(typeName({ web: {}, prometheus: {} })).toBe('Prometheus');
    expect(typeName({ web: {}, prometheus: null })).toBe('Web');
    expect(typeName({})).toBeUndefined();
  });
});

describe('a call', () => {
  it('brings the query with its defaults, settings, secrets and time', async () => {
    const calls: Call[] = [];
    const providers = withProbe(
      {
        measure: async (call) => {
          calls.push(call);
          return reading;
        },
      },
      {
        clock: new TestClock(5000),
        setting: (name) => (name === 'SET' ? 'yes' : undefined),
        secrets: { read: async (namespace, name) => (name === 'there' ? { in: namespace } : undefined) },
        evaluateTime: (text, nowMs) => nowMs - Number(text),
      },
    );
    await providers.measure(callFor({ probe: {} }));
    const [call] = calls as [Call];
    expect(call.query).toEqual({ q: 'all' });
    expect([call.now, call.evaluateTime('1000'), call.setting('SET'), call.setting('UNSET')]).toEqual([
      5000,
      4000,
      'yes',
      undefined,
    ]);
    expect(await call.readSecret('ns', 'there')).toEqual({ in: 'ns' });
    await expect(call.readSecret('ns', 'x')).rejects.toThrow(new ProviderError('refused', 'secrets "x" not found'));
  });

  it('leaves a measurement in flight as it is where the provider has no way to resume or cancel', async () => {
    const providers = withProbe({ measure: async () => reading });
    expect(await providers.resume(callFor({ probe: {} }), { phase: 'Running' })).toBeUndefined();
    expect(await providers.cancel(callFor({ probe: {} }), { phase: 'Running' })).toBeUndefined();
  });

  it('that is given up ends in a ProviderError', async () => {
    const providers = withProbe({ measure: () => new Promise(() => {}) });
    const signal = AbortSignal.timeout(20);
    await expect(providers.measure(callFor({ probe: {} }, { signal }))).rejects.toThrow(
      new ProviderError('unavailable', 'context deadline exceeded'),
    );
  });

  it('says which provider cannot give a series', async () => {
    const range = { startMs: 0, endMs: 60_000, stepMs: 60_000 };
    await expect(testProviders().series(callFor({ web: { url: 'http://x' } }), range)).rejects.toThrow(
      'provider web cannot give a series over a range of time',
    );
  });
});

describe('answers', () => {
  const sharing = (shareable?: boolean) => {
    let asked = 0;
    const told: SourceCall[] = [];
    const providers = withProbe(
      {
        ...(shareable !== undefined && { shareable }),
        measure: async () => {
          asked += 1;
          await settled();
          return reading;
        },
      },
      { planner: { shareWindowMs: 1000, limits: () => unlimited }, onCall: (call) => told.push(call) },
    );
    return { providers, told, asked: () => asked };
  };
  const run = (namespace: string) => ({ run: { uid: 'u', name: 'r', namespace } });

  it('are shared by equal queries of a namespace, whatever the order of their members', async () => {
    const { providers, asked, told } = sharing();
    await Promise.all([
      providers.measure(callFor({ probe: { q: 'a', b: { x: 1, y: 2 } } }, run('one'))),
      providers.measure(callFor({ probe: { b: { y: 2, x: 1 }, q: 'a' } }, run('one'))),
      providers.measure(callFor({ probe: { q: 'b', b: { x: 1, y: 2 } } }, run('one'))),
      providers.measure(callFor({ probe: { q: 'a', b: { x: 1, y: 2 } } }, run('two'))),
    ]);
    expect(asked()).toBe(3);
    expect(told.map(({ account, outcome, shared }) => [account, outcome, shared]).sort()).toEqual([
      ['probe somewhere', 'answered', false],
      ['probe somewhere', 'answered', false],
      ['probe somewhere', 'answered', false],
      ['probe somewhere', 'answered', true],
    ]);
  });

  it('are not shared where a provider has effects', async () => {
    const { providers, asked } = sharing(false);
    await Promise.all([providers.measure(callFor({ probe: {} })), providers.measure(callFor({ probe: {} }))]);
    expect(asked()).toBe(2);
  });
});

it('a Retry-After holds back the next call to the account, not this one', async () => {
  let requests = 0;
  const server = await serve((_, response) => {
    requests += 1;
    response.writeHead(requests === 1 ? 429 : 200, { 'retry-after': '30' }).end('{}');
  });
  const clock = new TestClock();
  const waits: unknown[] = [];
  const providers = testProviders({
    clock,
    planner: { shareWindowMs: 0, limits: () => unlimited, onWait: (wait) => waits.push(wait) },
  });
  const ask = () => providers.measure(callFor({ web: { url: `${server.url}/m` } }));
  await expect(ask()).rejects.toThrow('received non 2xx response code: 429');
  const second = ask();
  await clock.advance(29_999);
  expect(requests).toBe(1);
  await clock.advance(1);
  expect(await second).toMatchObject({ value: '{}' });
  expect(waits).toEqual([{ account: `web ${server.url}`, reason: 'retry-after', ms: 30_000 }]);
  providers.close();
  await server.close();
});

it('metadata is left out when the provider cannot be built', async () => {
  const providers = testProviders();
  const noted = (address: string) => providers.metadata(callFor({ prometheus: { address, query: 'up' } }));
  expect(await noted('http://prometheus:9090')).toEqual({ ResolvedPrometheusQuery: 'up' });
  expect(await noted(':invalid::url')).toBeUndefined();
});

describe('packages', () => {
  const HEAVY = /node_modules\/(axios|@aws-sdk|@smithy|@datadog|@kubernetes)\//;
  const loadedBy = (module: string): string => {
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) });
      await import('${module}');`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  };

  it('are loaded only when a metric uses them', () => {
    expect(loadedBy('axios')).toMatch(HEAVY);
    expect(loadedBy('./providers/create-providers.ts')).not.toMatch(HEAVY);
  });
});
