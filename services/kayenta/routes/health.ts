import type { RouteOptions } from 'fastify';
import { baseUrl, call } from '../sources/metrics-source.ts';
import { authorization } from '../sources/prometheus.ts';
import { type KayentaDeps, route } from './route.ts';

/** How long an answer about an account's health holds. */
const HEALTH_MS = 30_000;
const DOWN = 'One of the Prometheus remote services is DOWN.';

interface AccountHealth {
  readonly status: 'UP' | 'DOWN';
  readonly error?: string;
}

export function healthRoutes(deps: KayentaDeps): readonly RouteOptions[] {
  let known: { readonly until: number; readonly details: Readonly<Record<string, AccountHealth>> } | undefined;
  const prometheusHealth = async (): Promise<Readonly<Record<string, AccountHealth>>> => {
    const now = deps.clock.now();
    if (known !== undefined && known.until > now) return known.details;
    const accounts = deps.accounts.all.filter(({ type }) => type === 'prometheus');
    const checks = accounts.map(async (account): Promise<readonly [string, AccountHealth]> => {
      try {
        const url = `${baseUrl(account)}/-/healthy`;
        await call({ method: 'GET', url, headers: authorization(account) }, deps.http);
        return [account.name, { status: 'UP' }];
      } catch (error) {
        return [account.name, { status: 'DOWN', error: (error as Error).message }];
      }
    });
    const details = Object.fromEntries(await Promise.all(checks));
    known = { until: now + HEALTH_MS, details };
    return details;
  };
  return [
    route(
      'GET',
      '/health',
      {
        operationId: 'readKayentaHealth',
        summary: "Health in Kayenta's form, with the state of its Prometheus accounts",
        example: { status: 'UP', components: { prometheus: { status: 'UP', details: { prod: { status: 'UP' } } } } },
      },
      async () => {
        const details = await prometheusHealth();
        const isUp = Object.values(details).every(({ status }) => status === 'UP');
        const prometheus = isUp ? { status: 'UP', details } : { status: 'DOWN', details: { ...details, reason: DOWN } };
        return {
          status: isUp ? 200 : 503,
          body: {
            status: isUp ? 'UP' : 'DOWN',
            components: { canaryConfigIndexingAgent: { status: 'UP' }, prometheus },
          },
        };
      },
    ),
    route(
      'GET',
      '/swagger-ui/index.html',
      { operationId: 'readSwaggerPage', summary: 'Where the description of the API is' },
      async () => ({
        html: '<!doctype html><html lang="en"><title>Assay API</title><p>The API is described in <a href="/openapi.json">/openapi.json</a>.</p></html>',
      }),
    ),
  ];
}
