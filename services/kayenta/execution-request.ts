import { formatDuration, formatInstant, parseInstant } from './java-values.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { KayentaError } from './kayenta-error.ts';
import type { Scope } from './sources/metrics-source.ts';

/** What a canary execution is asked for. Reading is as lenient as Kayenta's: null is absent, digits in text are numbers, unknown members are dropped. */

export interface ScopePair {
  readonly controlScope: Scope;
  readonly experimentScope: Scope;
}

export interface ExecutionThresholds {
  readonly pass: number;
  readonly marginal: number;
}

export interface ExecutionRequest {
  readonly scopes: Readonly<Record<string, ScopePair>>;
  readonly thresholds: ExecutionThresholds;
  /** Only carried along. */
  readonly metadata?: readonly unknown[];
  readonly siteLocal?: Readonly<Record<string, unknown>>;
}

/** Throws KayentaError with Kayenta's words where it has any. */
export function parseExecutionRequest(json: unknown): ExecutionRequest {
  const request = isObject(json) ? json : {};
  const scopes = request['scopes'];
  if (!isObject(scopes) || Object.keys(scopes).length === 0)
    throw new KayentaError('Canary metrics require scopes, but no scopes were provided in the execution request.');
  const thresholds = request['thresholds'];
  if (!isObject(thresholds)) throw new KayentaError('Execution request must contain thresholds');
  return {
    scopes: Object.fromEntries(Object.entries(scopes).map(([name, pair]) => [name, parseScopePair(name, pair)])),
    thresholds: { pass: threshold(thresholds, 'pass'), marginal: threshold(thresholds, 'marginal') },
    ...(Array.isArray(request['metadata']) ? { metadata: request['metadata'] as readonly unknown[] } : {}),
    ...(isObject(request['siteLocal']) ? { siteLocal: request['siteLocal'] } : {}),
  };
}

function parseScopePair(name: string, json: unknown): ScopePair {
  if (!isObject(json) || !isObject(json['controlScope']) || !isObject(json['experimentScope']))
    throw new KayentaError(`Canary scope for named scope ${name} is missing experimentScope or controlScope keys`);
  return {
    controlScope: parseScope(json['controlScope'], `scopes.${name}.controlScope`),
    experimentScope: parseScope(json['experimentScope'], `scopes.${name}.experimentScope`),
  };
}

function threshold(thresholds: JsonObject, member: string): number {
  // Kayenta's primitives: an absent threshold is 0.
  return numberOf(thresholds[member] ?? 0, `thresholds.${member}`);
}

export function parseScope(json: JsonObject, path: string): Scope {
  const start = instantMember(json, 'start', path);
  const end = instantMember(json, 'end', path);
  const params = isObject(json['extendedScopeParams']) ? json['extendedScopeParams'] : {};
  return {
    ...textMember(json, 'scope'),
    ...textMember(json, 'location'),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    stepSeconds: numberOf(json['step'] ?? 0, `${path}.step`),
    extendedScopeParams: Object.fromEntries(
      Object.entries(params).flatMap(([key, value]) =>
        value === null || value === undefined ? [] : [[key, String(value)]],
      ),
    ),
  };
}

/** As it came in: absent members stay absent, since clients cannot read null. */
export function formatScope(scope: Scope): JsonObject {
  return {
    ...(scope.scope === undefined ? {} : { scope: scope.scope }),
    ...(scope.location === undefined ? {} : { location: scope.location }),
    ...(scope.start === undefined ? {} : { start: formatInstant(scope.start) }),
    ...(scope.end === undefined ? {} : { end: formatInstant(scope.end) }),
    step: scope.stepSeconds,
    extendedScopeParams: scope.extendedScopeParams,
  };
}

export function formatExecutionRequest({ scopes, thresholds, metadata, siteLocal }: ExecutionRequest): JsonObject {
  return {
    scopes: Object.fromEntries(
      Object.entries(scopes).map(([name, pair]) => [
        name,
        { controlScope: formatScope(pair.controlScope), experimentScope: formatScope(pair.experimentScope) },
      ]),
    ),
    thresholds,
    ...(metadata === undefined ? {} : { metadata }),
    ...(siteLocal === undefined ? {} : { siteLocal }),
  };
}

/** End minus start when all scopes agree on it (`PT1H`), else undefined. */
export function canaryDuration(scopes: readonly Scope[]): string | undefined {
  const lengths = new Set(
    scopes.map(({ start, end }) =>
      start === undefined || end === undefined ? undefined : end.epochMs - start.epochMs,
    ),
  );
  const [length] = lengths;
  return lengths.size === 1 && length !== undefined ? formatDuration(length) : undefined;
}

function textMember(json: JsonObject, member: string): Record<string, string> {
  const value = json[member];
  return value === null || value === undefined ? {} : { [member]: String(value) };
}

function instantMember(json: JsonObject, member: string, path: string): ReturnType<typeof parseInstant> {
  const value = json[member];
  if (value === null || value === undefined || value === '') return undefined;
  const instant = parseInstant(value);
  if (instant === undefined)
    throw new KayentaError(
      `${path}.${member}: ${JSON.stringify(value)} is not a time; write for example 2026-01-01T00:00:00Z`,
    );
  return instant;
}

function numberOf(value: unknown, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new KayentaError(`${path}: ${JSON.stringify(value)} is not a number`);
}
