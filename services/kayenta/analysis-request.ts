import { doubleFromJson } from '../domain/json-double.ts';
import type { ExecutionRequest, ExecutionThresholds } from './execution-request.ts';
import { formatInstant, type Instant, parseInstant } from './java-values.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { KayentaError } from './kayenta-error.ts';
import type { Scope } from './sources/metrics-source.ts';
import { type AnalysisRequest, type AnalysisScope, controlWindow, type Window } from './standalone-plan.ts';

const DEFAULT_STEP_SECONDS = 60;

/** The request of a standalone analysis. Thresholds may be absent: then every score passes. */
export interface StandaloneRequest extends AnalysisRequest {
  readonly thresholds?: Partial<ExecutionThresholds>;
  readonly siteLocal?: JsonObject;
}

/** Throws KayentaError naming the member that cannot be read. */
export function parseStandaloneRequest(json: unknown): StandaloneRequest {
  const request = isObject(json) ? json : {};
  const scopes = Array.isArray(request['scopes']) ? request['scopes'] : [];
  const thresholds = isObject(request['thresholds']) ? request['thresholds'] : undefined;
  return {
    scopes: scopes.map(parseAnalysisScope),
    ...minutes(request, 'lifetimeDurationMins'),
    beginAfterMins: minutes(request, 'beginAfterMins')['beginAfterMins'] ?? 0,
    lookbackMins: minutes(request, 'lookbackMins')['lookbackMins'] ?? 0,
    ...minutes(request, 'analysisIntervalMins'),
    ...(thresholds === undefined
      ? {}
      : { thresholds: { ...number(thresholds, 'pass'), ...number(thresholds, 'marginal') } }),
    ...(isObject(request['siteLocal']) ? { siteLocal: request['siteLocal'] } : {}),
  };
}

function parseAnalysisScope(json: unknown, index: number): AnalysisScope {
  const path = `scopes[${index}]`;
  if (!isObject(json)) throw new KayentaError(`${path} must be a JSON object`);
  const params = isObject(json['extendedScopeParams']) ? json['extendedScopeParams'] : {};
  return {
    scopeName: json['scopeName'] === undefined || json['scopeName'] === null ? 'default' : String(json['scopeName']),
    ...text(json, 'controlScope'),
    ...text(json, 'controlLocation'),
    controlOffsetInMinutes: minutes(json, 'controlOffsetInMinutes', path)['controlOffsetInMinutes'] ?? 0,
    ...text(json, 'experimentScope'),
    ...text(json, 'experimentLocation'),
    ...instant(json, 'startTimeIso', path),
    ...instant(json, 'endTimeIso', path),
    step: minutes(json, 'step', path)['step'] ?? DEFAULT_STEP_SECONDS,
    extendedScopeParams: Object.fromEntries(
      Object.entries(params).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
    ),
  };
}

/** As the status shows it: what was sent, with the defaults filled in. */
export function formatStandaloneRequest(request: StandaloneRequest): JsonObject {
  return {
    ...request,
    scopes: request.scopes.map(({ startTimeIso, endTimeIso, ...scope }) => ({
      ...scope,
      ...(startTimeIso === undefined ? {} : { startTimeIso: formatInstant(startTimeIso) }),
      ...(endTimeIso === undefined ? {} : { endTimeIso: formatInstant(endTimeIso) }),
    })),
  };
}

/** What one judgement asks for. Only the first scope's step counts, as its times do. */
export function executionRequestOf(request: StandaloneRequest, window: Window): ExecutionRequest {
  const stepSeconds = request.scopes[0]?.step ?? DEFAULT_STEP_SECONDS;
  const side = (
    scope: string | undefined,
    location: string | undefined,
    { start, end }: Window,
    params: Scope['extendedScopeParams'],
  ): Scope => ({
    ...(scope === undefined ? {} : { scope }),
    ...(location === undefined ? {} : { location }),
    start,
    end,
    stepSeconds,
    extendedScopeParams: params,
  });
  return {
    scopes: Object.fromEntries(
      request.scopes.map((scope) => {
        const params = scope.extendedScopeParams ?? {};
        const control = controlWindow(window, scope.controlOffsetInMinutes ?? 0);
        return [
          scope.scopeName ?? 'default',
          {
            controlScope: side(scope.controlScope, scope.controlLocation, control, params),
            experimentScope: side(scope.experimentScope, scope.experimentLocation, window, params),
          },
        ];
      }),
    ),
    thresholds: { pass: request.thresholds?.pass ?? 0, marginal: request.thresholds?.marginal ?? 0 },
    ...(request.siteLocal === undefined ? {} : { siteLocal: request.siteLocal }),
  };
}

function minutes(json: JsonObject, member: string, path = ''): Readonly<Record<string, number>> {
  const read = number(json, member, path);
  const value = read[member];
  if (value !== undefined && !Number.isInteger(value))
    throw new KayentaError(`${path === '' ? '' : `${path}.`}${member}: ${value} is not a whole number`);
  return read;
}

function number(json: JsonObject, member: string, path = ''): Readonly<Record<string, number>> {
  const value = json[member];
  if (value === undefined || value === null) return {};
  const read = doubleFromJson(value);
  if (read === undefined)
    throw new KayentaError(`${path === '' ? '' : `${path}.`}${member}: ${JSON.stringify(value)} is not a number`);
  return { [member]: read };
}

function text(json: JsonObject, member: string): Readonly<Record<string, string>> {
  const value = json[member];
  return value === undefined || value === null ? {} : { [member]: String(value) };
}

function instant(json: JsonObject, member: string, path: string): Readonly<Record<string, Instant>> {
  const value = json[member];
  if (value === undefined || value === null || value === '') return {};
  const read = parseInstant(value);
  if (read === undefined) throw new KayentaError(`${path}.${member}: ${JSON.stringify(value)} is not a time`);
  return { [member]: read };
}
