// The sections of kayenta-http.json that need no server: query texts, templates, answers, mixing, windows, scores, single values.
import { doubleToJson } from '../../../../services/domain/json-double.ts';
import type { MetricSet, Samples } from '../../../../services/domain/metric-set.ts';
import { mixMetrics } from '../../../../services/judge/mix-metrics.ts';
import { readConfig } from '../../../../services/kayenta/canary-config.ts';
import { escapeTemplate, expandCustomFilter } from '../../../../services/kayenta/custom-filter.ts';
import { canaryDuration, formatScope, parseScope } from '../../../../services/kayenta/execution-request.ts';
import {
  formatDouble,
  formatDuration,
  formatInstant,
  type Instant,
  instantOf,
  parseInstant,
} from '../../../../services/kayenta/java-values.ts';
import { atlasBackendUrl } from '../../../../services/kayenta/sources/atlas.ts';
import { metricsSources } from '../../../../services/kayenta/sources/index.ts';
import {
  matchingMetrics,
  type Scope,
  type SourceRequest,
} from '../../../../services/kayenta/sources/metrics-source.ts';
import {
  type AnalysisRequest,
  aggregateScores,
  controlWindow,
  isAboveMarginal,
  planAnalysis,
  stagesOf,
  windowOf,
} from '../../../../services/kayenta/standalone-plan.ts';

// biome-ignore lint/suspicious/noExplicitAny: vector files are data of many shapes.
export type Case = any;

/** What a case expects and what came out, in the shape that the section compares. */
export interface Compared {
  readonly expected: unknown;
  readonly actual: unknown;
}

const outcomeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return { error: (error as Error).message };
  }
};

export function scopeOf(scope: Case = {}): Scope {
  const { scope: name, location, start, end, step = 0, extendedScopeParams = {}, project, resourceType, type } = scope;
  const params = { project, resourceType, type, ...extendedScopeParams };
  const known = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  const startTime = parseInstant(start);
  const endTime = parseInstant(end);
  return {
    ...(name === undefined ? {} : { scope: name }),
    ...(location === undefined ? {} : { location }),
    ...(startTime === undefined ? {} : { start: startTime }),
    ...(endTime === undefined ? {} : { end: endTime }),
    stepSeconds: Number(step),
    extendedScopeParams: Object.fromEntries(known.map(([key, value]) => [key, String(value)])),
  };
}

function sourceRequest(given: Case): SourceRequest {
  return {
    metricName: given.metricName ?? 'metric',
    query: given.query ?? {},
    scope: scopeOf(given.scope),
    account: { name: 'acct', type: given.source, endpoint: { baseUrl: 'http://source' }, ...given.accountDefaults },
    ...(given.templates ? { templates: given.templates } : {}),
  };
}

function sourceOf(type: string) {
  const source = metricsSources.get(type);
  if (source === undefined) throw new Error(`no metrics source ${type}`);
  return source;
}

export const sections: Readonly<Record<string, (given: Case) => Compared>> = {
  // A case here is a config that must be readable, whatever else is said of it.
  canaryConfigs(given) {
    const read = outcomeOf(() => readConfig(given.config).metrics.map(({ name }) => name));
    return { expected: given.config.metrics.map(({ name }: Case) => name), actual: read };
  },

  queryBuilding(given) {
    const source = sourceOf(given.source);
    const request = sourceRequest({ ...given, scope: { start: 0, end: 0, ...given.scope } });
    const actual: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    if ('expected' in given || 'expectedError' in given) {
      expected['query'] = 'expectedError' in given ? { error: given.expectedError } : given.expected;
      actual['query'] = outcomeOf(() => source.buildQuery(request));
    }
    if ('expectedParameter' in given) {
      expected['parameter'] = given.expectedParameter;
      const url = new URL(source.buildRequest(request, 'query').url);
      actual['parameter'] = Object.fromEntries(
        Object.keys(given.expectedParameter).map((name) => [name, url.searchParams.get(name)]),
      );
    }
    return { expected, actual };
  },

  templateExpansion(given) {
    const query = {
      ...('customInlineTemplate' in given ? { customInlineTemplate: given.customInlineTemplate } : {}),
      ...('customFilterTemplate' in given ? { customFilterTemplate: given.customFilterTemplate } : {}),
    };
    const scope = Object.fromEntries((given.baseAttributes as string[]).map((name) => [name, given.scope?.[name]]));
    const actual = outcomeOf(
      () =>
        expandCustomFilter(query, given.templates ?? undefined, { scope, extended: given.extendedScopeParams }) ?? null,
    );
    return { expected: 'expectedError' in given ? { error: given.expectedError } : given.expected, actual };
  },

  backendAnswers(given) {
    const source = sourceOf(given.source);
    const request = sourceRequest({ ...given, scope: { start: 0, end: 0, ...given.scope } });
    const body =
      given.answerLines === undefined
        ? JSON.stringify(given.answer)
        : given.answerLines.map((line: unknown) => `data: ${JSON.stringify(line)}\n`).join('');
    const actual = outcomeOf(() => source.readAnswer(body, request, 'query').map(plain));
    return { expected: 'expectedError' in given ? { error: given.expectedError } : given.expected, actual };
  },

  mixing(given) {
    const sets = (side: Case[]): MetricSet[] =>
      side.map((set) => ({
        startTimeMillis: 0,
        endTimeMillis: 0,
        stepMillis: 0,
        attributes: {},
        ...set,
        values: set.values.map(Number),
      }));
    let id = 0;
    const actual = outcomeOf(() =>
      mixMetrics(given.metrics, sets(given.control), sets(given.experiment), () => String(id++)).map((pair) => ({
        name: pair.name,
        tags: pair.tags,
        values: {
          control: Array.from(pair.values.control, doubleToJson),
          experiment: Array.from(pair.values.experiment, doubleToJson),
        },
      })),
    );
    if ('expectedErrorMatches' in given) {
      const text = (actual as { error?: string }).error ?? '';
      return { expected: true, actual: text.includes(given.expectedErrorMatches.$contains) };
    }
    if ('expectedAnyOrder' in given)
      return { expected: sorted(given.expectedAnyOrder), actual: sorted(actual as unknown[]) };
    return { expected: 'expectedError' in given ? { error: given.expectedError } : given.expected, actual };
  },

  aggregation(given) {
    if ('runCanaryStageStatus' in given)
      return {
        expected: given.runCanaryStageStatus,
        actual: isAboveMarginal(given.judgementScore, given.marginal) ? 'SUCCEEDED' : 'TERMINAL',
      };
    const result = aggregateScores(given.canaryScores, { pass: given.pass, marginal: given.marginal });
    // Orca's stage reads the same aggregation as a stage status.
    if ('stageStatus' in given)
      return { expected: given.stageStatus, actual: result.didPassThresholds ? 'SUCCEEDED' : 'TERMINAL' };
    return {
      expected: { didPassThresholds: given.didPassThresholds, canaryScoreMessage: given.canaryScoreMessage },
      actual: result,
    };
  },

  standaloneWindows(given) {
    const now = parseInstant(given.now) ?? instantOf(0);
    const request = analysisRequestOf(given.request);
    if ('windows' in given || 'scopes' in given) {
      const wanted = given.windows ?? given.scopes;
      const actual = wanted.map(({ judgement }: { judgement: number }) => {
        const window = windowOf(request, judgement, given.intervalMinutes, now);
        if ('windows' in given)
          return { judgement, start: formatInstant(window.start), end: formatInstant(window.end) };
        const control = controlWindow(window, request.scopes[0]?.controlOffsetInMinutes ?? 0);
        return {
          judgement,
          experimentStart: formatInstant(window.start),
          experimentEnd: formatInstant(window.end),
          controlStart: formatInstant(control.start),
          controlEnd: formatInstant(control.end),
        };
      });
      return { expected: wanted, actual };
    }
    const actual = outcomeOf(() => {
      const plan = planAnalysis(request, now);
      const stages = stagesOf(plan, request);
      const all: Record<string, unknown> = {
        lifetimeMinutes: plan.lifetimeMinutes,
        intervalMinutes: plan.intervalMinutes,
        judgements: plan.judgements,
        waits: stages.flatMap((stage) => (stage.type === 'wait' ? [stage.wait.seconds] : [])),
        stageNames: stages.map((stage) => (stage.type === 'wait' ? stage.wait.name : stage.name)),
      };
      return Object.fromEntries(Object.entries(all).filter(([name]) => name in given));
    });
    const names = ['lifetimeMinutes', 'intervalMinutes', 'judgements', 'waits', 'stageNames'];
    const expected = Object.fromEntries(names.filter((name) => name in given).map((name) => [name, given[name]]));
    return { expected: 'expectedError' in given ? { error: given.expectedError } : expected, actual };
  },

  values: (given) => ({ expected: expectedValue(given), actual: outcomeOf(() => actualValue(given)) }),
};

const plain = (set: { attributes?: unknown; values: Samples }): unknown => {
  const { attributes: _, ...rest } = set;
  return { ...rest, values: Array.from(set.values, doubleToJson) };
};

const sorted = (list: unknown[]): unknown[] =>
  list.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));

function analysisRequestOf(request: Case): AnalysisRequest {
  return {
    ...request,
    scopes: request.scopes.map((scope: Case) => ({
      ...scope,
      ...instantMember('startTimeIso', scope.startTimeIso),
      ...instantMember('endTimeIso', scope.endTimeIso),
    })),
  };
}

function instantMember(name: string, text: unknown): Record<string, Instant> {
  const instant = parseInstant(text);
  return instant === undefined ? {} : { [name]: instant };
}

function expectedValue(given: Case): unknown {
  switch (given.kind) {
    case 'instantIn':
      return given.epochMillis;
    case 'stepIn':
      return given.value;
    case 'scopeRoundtrip':
      return given.json;
    case 'escape':
      return given.escaped;
    case 'metadataFilter':
      return given.expected;
    case 'atlasBackend':
      return given.uri;
    default:
      return given.text;
  }
}

function actualValue(given: Case): unknown {
  switch (given.kind) {
    case 'instantOut':
      return formatInstant(instantOf(given.epochMillis));
    case 'instantIn':
      return parseInstant(given.number ?? given.text)?.epochMs;
    case 'durationOut':
      return formatDuration(given.seconds * 1000);
    case 'doubleText':
      return formatDouble(given.value);
    case 'escape':
      return escapeTemplate(given.text);
    case 'scopeRoundtrip':
      return formatScope(parseScope(given.json, 'scope'));
    case 'stepIn':
      return parseScope({ step: given.text }, 'scope').stepSeconds;
    case 'canaryDuration':
      return canaryDuration([given.control, given.experiment].map(([start, end]) => scopeOf({ start, end }))) ?? null;
    case 'metadataFilter':
      return matchingMetrics(
        given.names.map((name: string) => ({ name })),
        given.filter,
      );
    case 'atlasBackend':
      return atlasBackendUrl([given.backend], given.location, given.scheme) ?? null;
    default:
      throw new Error(`nothing reads values of kind ${given.kind}`);
  }
}
