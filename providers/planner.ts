import { type AccountShare, ProviderError, type SharedLimits } from './contract.ts';
import { Gate } from './gate.ts';

/**
 * Who asks whom when. All calls to one provider account go through here: equal calls share an answer, and the account is asked no faster than its
 * limits and its own Retry-After allow.
 */

export interface AccountLimits {
  /** Calls at once. */
  readonly concurrency: number;
  /** 0: no limit. */
  readonly requestsPerSecond: number;
  /** Further tries within one measurement when the source is `unavailable`. */
  readonly retries: number;
}

export interface PlannerOptions {
  /** How long an answer serves equal calls after it came; 0 shares only what is in flight. */
  readonly shareWindowMs: number;
  readonly limits: (account: string) => AccountLimits;
  /** Present when the limits hold for several processes together. */
  readonly shared?: SharedLimits;
  /** Told each wait once it is over; must not throw. */
  readonly onWait?: (wait: PlannedWait) => void;
}

export interface PlannedWait {
  readonly account: string;
  readonly reason: 'concurrency' | 'rate' | 'retry-after' | 'retry';
  readonly ms: number;
}

/** The part of the engine's clock that the planner needs. */
export interface PlannerClock {
  now(): number;
  /** Resolves at the time (at once when past) or rejects with the signal's reason. */
  sleepUntil(epochMs: number, signal?: AbortSignal): Promise<void>;
}

export interface PlannedCall<Answer> {
  readonly account: string;
  /** Equal for calls that may share an answer; undefined: never shared. */
  readonly shareKey: string | undefined;
  /** The run and metric that ask: whoever had an answer gets a new one the next time, however soon. */
  readonly consumer: string;
  /** Epoch milliseconds since when the answer is wanted: one that was asked for after that is as good as a new one. */
  readonly wantedSinceMs?: number | undefined;
  /** Ends this caller's wait; what is asked goes on while somebody else still wants it. */
  readonly signal: AbortSignal;
  ask(signal: AbortSignal): Promise<Answer>;
}

export interface Planner {
  run<Answer>(call: PlannedCall<Answer>): Promise<{ readonly answer: Answer; readonly shared: boolean }>;
  /** The account asked not to be called before this time. */
  postpone(account: string, untilMs: number): void;
}

// A source may ask for a longer pause than a run can wait; after this it is asked again.
const MAX_POSTPONE_MS = 60_000;
const FIRST_RETRY_MS = 250;
// As long as thousands of runs that are due at one moment may take to get their turn.
const BACKLOG_MS = 30_000;

// A share may grow while a call waits for its turn by the old one.
const LONGEST_PACE_MS = 250;

interface Account {
  readonly calls: Gate;
  /** Calls start one after the other. */
  readonly starts: Gate;
  lastStartMs: number;
  postponedUntilMs: number;
}

interface Flight {
  readonly answer: Promise<unknown>;
  readonly askedMs: number;
  /** The consumers of this answer. */
  readonly served: Set<string>;
  readonly abort: AbortController;
  callers: number;
}

interface Landed {
  readonly answer: Promise<unknown>;
  readonly askedMs: number;
  readonly served: Set<string>;
  /** Serves whoever comes before this. */
  readonly sharedUntilMs: number;
  /** Serves until then those who wanted it before it was asked for. */
  readonly untilMs: number;
}

/** A new consumer, within the window or with a wish as old as the question. */
function serves({ served, askedMs, sharedUntilMs }: Landed, call: PlannedCall<unknown>, now: number): boolean {
  if (served.has(call.consumer)) return false;
  return now < sharedUntilMs || (call.wantedSinceMs !== undefined && call.wantedSinceMs <= askedMs);
}

export function createPlanner(clock: PlannerClock, options: PlannerOptions): Planner {
  const accounts = new Map<string, Account>();
  const flights = new Map<string, Flight>();
  const landed = new Map<string, Landed>(); // in the order in which they expire

  const stateOf = (name: string): Account => {
    let account = accounts.get(name);
    if (account === undefined) {
      account = {
        calls: new Gate(() => shareOf(name).places),
        starts: new Gate(() => 1),
        lastStartMs: Number.NEGATIVE_INFINITY,
        postponedUntilMs: 0,
      };
      accounts.set(name, account);
    }
    return account;
  };

  /** What this process may do with an account now. */
  const shareOf = (name: string): AccountShare => {
    const limits = options.limits(name);
    const account = accounts.get(name);
    if (options.shared === undefined) {
      const requestsPerSecond = limits.requestsPerSecond > 0 ? limits.requestsPerSecond : Number.POSITIVE_INFINITY;
      return { places: limits.concurrency, requestsPerSecond, sinceMs: Number.NEGATIVE_INFINITY, pausedUntilMs: 0 };
    }
    const need = { active: account?.calls.inside ?? 0, waiting: account?.calls.waiting ?? 0 };
    return options.shared.share(name, limits, need, () => accounts.get(name)?.calls.admit());
  };

  const waited = (account: string, reason: PlannedWait['reason'], sinceMs: number): void => {
    options.onWait?.({ account, reason, ms: clock.now() - sinceMs });
  };

  const sleep = async (
    name: string,
    reason: PlannedWait['reason'],
    untilMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const sinceMs = clock.now();
    if (untilMs <= sinceMs) return;
    await clock.sleepUntil(untilMs, signal);
    waited(name, reason, sinceMs);
  };

  /** Takes a place among the account's calls; the caller gives it back. */
  const enter = async (name: string, signal: AbortSignal): Promise<void> => {
    const { calls } = stateOf(name);
    const sinceMs = clock.now();
    const entering = calls.enter(signal);
    // Tells whoever shares the limits that somebody waits.
    if (calls.waiting > 0) shareOf(name);
    if (await entering) waited(name, 'concurrency', sinceMs);
  };

  const leave = (name: string): void => {
    const account = stateOf(name);
    account.calls.leave();
    // Whoever shares the limits is told of each place that is free again.
    shareOf(name);
    if (account.calls.inside + account.calls.waiting > 0) return;
    if (Math.max(nextStartMs(name), account.postponedUntilMs) <= clock.now()) accounts.delete(name);
  };

  /** When the account's rate lets the next call start. */
  const nextStartMs = (name: string): number => {
    const { requestsPerSecond, sinceMs } = shareOf(name);
    if (requestsPerSecond === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    return Math.max(stateOf(name).lastStartMs, sinceMs) + 1000 / requestsPerSecond;
  };

  const pausedUntilMs = (name: string): number =>
    Math.max(stateOf(name).postponedUntilMs, Math.min(shareOf(name).pausedUntilMs, clock.now() + MAX_POSTPONE_MS));

  /** Waits for the account's pause and rate. */
  const pace = async (name: string, signal: AbortSignal): Promise<void> => {
    const account = stateOf(name);
    while (pausedUntilMs(name) > clock.now()) await sleep(name, 'retry-after', pausedUntilMs(name), signal);
    if (options.limits(name).requestsPerSecond <= 0) return;
    const sinceMs = clock.now();
    await account.starts.enter(signal);
    try {
      for (let untilMs = nextStartMs(name); untilMs > clock.now(); untilMs = nextStartMs(name))
        await clock.sleepUntil(Math.min(untilMs, clock.now() + LONGEST_PACE_MS), signal);
      account.lastStartMs = clock.now();
    } finally {
      account.starts.leave();
    }
    if (clock.now() > sinceMs) waited(name, 'rate', sinceMs);
  };

  const postpone = (name: string, untilMs: number): void => {
    const account = stateOf(name);
    account.postponedUntilMs = Math.max(account.postponedUntilMs, Math.min(untilMs, clock.now() + MAX_POSTPONE_MS));
    options.shared?.postpone(name, account.postponedUntilMs);
  };

  const askPatiently = async <Answer>(call: PlannedCall<Answer>, signal: AbortSignal): Promise<Answer> => {
    const { retries } = options.limits(call.account);
    for (let attempt = 0; ; attempt += 1) {
      await pace(call.account, signal);
      try {
        return await call.ask(signal);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        if (error.retryAt !== undefined) postpone(call.account, error.retryAt);
        if (error.kind !== 'unavailable' || attempt >= retries || signal.aborted) throw error;
        await sleep(call.account, 'retry', clock.now() + FIRST_RETRY_MS * 2 ** attempt, signal);
      }
    }
  };

  const takeOff = <Answer>(call: PlannedCall<Answer>, signal: AbortSignal): Promise<Answer> => {
    const whole = async (): Promise<Answer> => {
      signal.throwIfAborted();
      await enter(call.account, signal);
      try {
        return await askPatiently(call, signal);
      } finally {
        leave(call.account);
      }
    };
    return whole();
  };

  const forgetExpired = (): void => {
    for (const [key, { untilMs }] of landed) {
      if (untilMs > clock.now()) return;
      landed.delete(key);
    }
  };

  const launch = (key: string, call: PlannedCall<unknown>): Flight => {
    const abort = new AbortController();
    const flight: Flight = {
      answer: takeOff(call, abort.signal),
      askedMs: clock.now(),
      served: new Set(),
      abort,
      callers: 0,
    };
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
      if (options.shareWindowMs <= 0 || abort.signal.aborted) return;
      landed.delete(key);
      const { answer, askedMs, served } = flight;
      const sharedUntilMs = clock.now() + options.shareWindowMs;
      landed.set(key, { answer, askedMs, served, sharedUntilMs, untilMs: sharedUntilMs + BACKLOG_MS });
    };
    flight.answer.then(land, land);
    return flight;
  };

  /** Waits with the others; the last one to give up ends the flight. */
  const board = async (key: string, flight: Flight, signal: AbortSignal): Promise<unknown> => {
    signal.throwIfAborted();
    flight.callers += 1;
    let giveUp = (): void => {};
    const abandoned = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([flight.answer, abandoned]);
    } finally {
      signal.removeEventListener('abort', giveUp);
      flight.callers -= 1;
      if (flight.callers === 0 && signal.aborted) {
        if (flights.get(key) === flight) flights.delete(key);
        flight.abort.abort(signal.reason);
      }
    }
  };

  return {
    async run<Answer>(call: PlannedCall<Answer>) {
      const key = call.shareKey;
      if (key === undefined) return { answer: await takeOff(call, call.signal), shared: false };
      forgetExpired();
      const ready = landed.get(key);
      if (ready !== undefined && serves(ready, call, clock.now())) {
        ready.served.add(call.consumer);
        return { answer: (await ready.answer) as Answer, shared: true };
      }
      const underWay = flights.get(key);
      const flight = underWay ?? launch(key, call);
      flight.served.add(call.consumer);
      return { answer: (await board(key, flight, call.signal)) as Answer, shared: underWay !== undefined };
    },
    postpone,
  };
}
