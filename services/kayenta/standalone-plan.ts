import { formatDouble, type Instant, instantOf } from './java-values.ts';
import { KayentaError } from './kayenta-error.ts';

/** Standalone canary analysis: how many judgements, when, over which windows, and what their scores mean together. */

export interface AnalysisScope {
  readonly scopeName?: string;
  readonly controlScope?: string;
  readonly controlLocation?: string;
  readonly controlOffsetInMinutes?: number;
  readonly experimentScope?: string;
  readonly experimentLocation?: string;
  readonly startTimeIso?: Instant;
  readonly endTimeIso?: Instant;
  readonly step?: number;
  readonly extendedScopeParams?: Readonly<Record<string, string>>;
}

/** Minutes are integers; the defaults of Kayenta's request are 0 for both begin and lookback. */
export interface AnalysisRequest {
  readonly scopes: readonly AnalysisScope[];
  readonly lifetimeDurationMins?: number;
  readonly beginAfterMins?: number;
  readonly lookbackMins?: number;
  readonly analysisIntervalMins?: number;
}

export interface AnalysisPlan {
  readonly start: Instant;
  readonly lifetimeMinutes: number;
  readonly intervalMinutes: number;
  readonly judgements: number;
  /** Real time: the analysis waits an interval before each judgement. An end in the request makes it retrospective. */
  readonly realTime: boolean;
}

const MINUTE_MS = 60_000;
/** A week of one every minute; each is listed whenever the analysis is asked for. */
const MOST_JUDGEMENTS = 10_080;

/** Throws KayentaError. Only the first scope's times count, for all scopes. */
export function planAnalysis(request: AnalysisRequest, now: Instant): AnalysisPlan {
  const [first] = request.scopes;
  if (first === undefined)
    throw new KayentaError('Canary StageExecution configuration must contain at least one scope.');
  const start = first.startTimeIso ?? now;
  const lifetimeMinutes = lifetimeOf(request, start, first.endTimeIso);
  const wanted = request.analysisIntervalMins ?? lifetimeMinutes;
  const intervalMinutes = wanted === 0 || wanted > lifetimeMinutes ? lifetimeMinutes : wanted;
  // Kayenta divides by zero or judges once without sense here; both are refused before anything is stored.
  if (lifetimeMinutes <= 0) throw new KayentaError('The lifetime of a canary analysis must be at least one minute.');
  if (intervalMinutes < 0) throw new KayentaError('analysisIntervalMins must not be negative.');
  const judgements = Math.floor(lifetimeMinutes / intervalMinutes);
  if (judgements > MOST_JUDGEMENTS)
    throw new KayentaError(
      `The analysis would be judged ${judgements} times, at most ${MOST_JUDGEMENTS} are possible: raise analysisIntervalMins, or check the times of its first scope.`,
    );
  return {
    start,
    lifetimeMinutes,
    intervalMinutes,
    judgements,
    realTime: first.endTimeIso === undefined,
  };
}

function lifetimeOf(request: AnalysisRequest, start: Instant, end: Instant | undefined): number {
  if (end !== undefined) return Math.trunc((end.epochMs - start.epochMs) / MINUTE_MS);
  if (request.lifetimeDurationMins !== undefined) return request.lifetimeDurationMins;
  throw new KayentaError('Canary StageExecution configuration must include either `endTime` or `lifetimeDuration`.');
}

export interface Wait {
  readonly name: string;
  readonly seconds: number;
}

/** The waits and judgements in order; names are Kayenta's stage names. */
export function stagesOf(
  plan: AnalysisPlan,
  request: AnalysisRequest,
): readonly (
  | { readonly type: 'wait'; readonly wait: Wait }
  | { readonly type: 'runCanary'; readonly name: string; readonly judgement: number }
)[] {
  const warmup = request.beginAfterMins ?? 0;
  const first = warmup > 0 ? [{ type: 'wait' as const, wait: { name: 'Warmup Wait', seconds: warmup * 60 } }] : [];
  const judgements = Array.from({ length: plan.judgements }, (_, index) => index + 1);
  return [
    ...first,
    ...judgements.flatMap((judgement) => [
      ...(plan.realTime
        ? [{ type: 'wait' as const, wait: { name: `Interval Wait #${judgement}`, seconds: plan.intervalMinutes * 60 } }]
        : []),
      { type: 'runCanary' as const, name: `Run Canary #${judgement}`, judgement },
    ]),
  ];
}

export interface Window {
  readonly start: Instant;
  readonly end: Instant;
}

/** What judgement number `judgement` (from 1) looks at on the experiment's side. */
export function windowOf(request: AnalysisRequest, judgement: number, intervalMinutes: number, now: Instant): Window {
  const [scope] = request.scopes;
  const start = scope?.startTimeIso ?? now;
  const warmup = scope?.endTimeIso === undefined ? (request.beginAfterMins ?? 0) : 0;
  const begin = shift(start, warmup);
  const end = shift(begin, judgement * intervalMinutes);
  const lookback = request.lookbackMins ?? 0;
  return { start: lookback > 0 ? shift(end, -lookback) : begin, end };
}

/** The control's window: the same, earlier by the scope's offset. */
export function controlWindow({ start, end }: Window, offsetMinutes: number): Window {
  return { start: shift(start, -offsetMinutes), end: shift(end, -offsetMinutes) };
}

const shift = (instant: Instant, minutes: number): Instant => ({
  ...instantOf(instant.epochMs + minutes * MINUTE_MS),
  nanos: instant.nanos,
});

export interface AnalysisResult {
  readonly didPassThresholds: boolean;
  readonly canaryScoreMessage: string;
}

/** The last score decides; thresholds may be absent. */
export function aggregateScores(
  scores: readonly number[],
  thresholds: { readonly pass?: number | null; readonly marginal?: number | null } | undefined,
): AnalysisResult {
  const score = scores.at(-1);
  const outcome = (didPassThresholds: boolean, canaryScoreMessage: string) => ({
    didPassThresholds,
    canaryScoreMessage,
  });
  if (score === undefined) return outcome(false, 'There were no successful canary judgements to aggregate');
  const pass = thresholds?.pass ?? undefined;
  const marginal = thresholds?.marginal ?? undefined;
  if (pass === undefined && marginal === undefined) return outcome(true, 'No score thresholds were specified.');
  const final = `Final canary score ${formatDouble(score)}`;
  if (marginal !== undefined && score <= marginal)
    return outcome(false, `${final} is not above the marginal score threshold.`);
  if (pass === undefined) return outcome(true, 'No pass score threshold was specified.');
  if (score < pass) return outcome(false, `${final} is below the pass score threshold.`);
  return outcome(true, `${final} met or exceeded the pass score threshold.`);
}

/** Whether a judgement lets the analysis go on: Kayenta stops at a score that is not above marginal. */
export const isAboveMarginal = (score: number, marginal: number): boolean => score > marginal;
