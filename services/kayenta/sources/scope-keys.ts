import type { MetricsAccount, Scope } from './metrics-source.ts';

/** New Relic and SignalFx match scope and location against attributes whose names the scope or the account gives. */

export const scopeKeyOf = (scope: Scope, account: MetricsAccount): string | undefined =>
  scope.extendedScopeParams['_scope_key'] ?? (account['defaultScopeKey'] as string | undefined);

export const locationKeyOf = (scope: Scope, account: MetricsAccount): string | undefined =>
  scope.extendedScopeParams['_location_key'] ?? (account['defaultLocationKey'] as string | undefined);

/** Every further extended parameter is one more filter. */
export const extraParams = (scope: Scope): readonly (readonly [string, string])[] =>
  Object.entries(scope.extendedScopeParams).filter(([name]) => !name.startsWith('_'));
