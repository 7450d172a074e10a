import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startPrometheus } from './prometheus.ts';

interface VectorAnswer {
  readonly data: { readonly result: readonly { readonly metric: object; readonly value: readonly [number, string] }[] };
}

async function query(url: string, promql: string, time?: number): Promise<VectorAnswer['data']['result']> {
  const at = time === undefined ? '' : `&time=${time}`;
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}${at}`);
  return ((await answer.json()) as VectorAnswer).data.result;
}

test('scrapes its targets, and nothing answers after stop', async () => {
  const target = createServer((_, response) => response.end('shop_open 1\n')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  const prometheus = await startPrometheus({
    targets: [{ job: 'shop', address: `127.0.0.1:${port}`, labels: { version: 'canary' } }],
    scrapeIntervalMs: 100,
  });
  try {
    await vi.waitFor(
      async () => {
        const [sample] = await query(prometheus.url, 'shop_open');
        expect(sample).toMatchObject({ metric: { job: 'shop', version: 'canary' }, value: [expect.any(Number), '1'] });
      },
      { timeout: 10_000, interval: 100 },
    );
  } finally {
    await prometheus.stop();
    target.close();
  }
  await expect(fetch(prometheus.url)).rejects.toThrow('fetch failed');
});

test('knows a history given in OpenMetrics text', async () => {
  const prometheus = await startPrometheus({
    history: '# TYPE errors gauge\nerrors{app="shop"} 3 1700000000\nerrors{app="shop"} 7 1700000060\n# EOF\n',
  });
  try {
    const [sample] = await query(prometheus.url, 'errors', 1_700_000_060);
    expect(sample?.value[1]).toBe('7');
  } finally {
    await prometheus.stop();
  }
});

test('says why Prometheus did not start', async () => {
  await expect(startPrometheus({ webConfig: 'no_such_setting: true' })).rejects.toThrow('no_such_setting');
});
