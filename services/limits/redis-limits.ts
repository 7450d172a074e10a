import { randomUUID } from 'node:crypto';
import type { AccountNeed, AccountShare, SharedLimits } from '../../providers/contract.ts';
import type { Clock, Log } from '../engine/ports.ts';
import { connectRedis, keyPrefix, type RedisClient, type RedisPlace } from '../redis/connection.ts';
import { redisProblem } from '../redis/problem.ts';
import * as scripts from './scripts.ts';

/** How long a share is held without a word: what a process that died held comes back then. */
const LEASE_MS = 2_000;
/** Whoever uses a share says so this often; it hears of pauses with it, and of others that lack something. */
const RENEW_MS = 500;
/** Whoever lacks something asks again. */
const ASK_AGAIN_MS = 100;
/** The part of a lease that is not used: Redis may have counted from earlier than the answer lets on. */
const MARGIN_MS = 200;
/** More than is needed just now, so that the next calls need not ask. */
const LOT = 4;

interface Limits {
  readonly concurrency: number;
  readonly requestsPerSecond: number;
}

/** What is known of one account. */
interface Lease {
  limits: Limits;
  need: AccountNeed;
  changed: () => void;
  /** What Redis granted last, and what it still counts as held. */
  places: number;
  rate: number;
  heldPlaces: number;
  sinceMs: number;
  pausedUntilMs: number;
  /** By `performance.now()`: a machine's clock that is set back must not make a lease longer than Redis keeps it. */
  validUntilMs: number;
  /** Calls since it was last asked for. */
  calls: number;
  isUsed: boolean;
  /** Others lack what they need. */
  isShort: boolean;
  /** By `performance.now()`, too. */
  askedAtMs: number;
  isAsking: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The limits of accounts, shared by all processes over one Redis: each leases a part, works from it without asking, says twice a second that it still does, and lets it
 * lapse when it does not. While Redis is away it works on what it holds until the lease is over; then its calls wait, since others may hold the rest.
 */
export class RedisLimits implements SharedLimits {
  readonly #redis: RedisClient;
  readonly #url: string;
  readonly #keys: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #holder = randomUUID();
  readonly #leases = new Map<string, Lease>();
  #isClosed = false;

  constructor({ clock, log, ...place }: RedisPlace & { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
    this.#url = place.url;
    this.#keys = `${keyPrefix(place)}limits:`;
    this.#redis = connectRedis(place, 'limits');
    this.#redis.defineCommand('assayLease', { numberOfKeys: 1, lua: scripts.LEASE });
    this.#redis.defineCommand('assayPause', { numberOfKeys: 1, lua: scripts.PAUSE });
  }

  share(account: string, limits: Limits, need: AccountNeed, changed: () => void): AccountShare {
    const lease = this.#leaseOf(account, limits);
    lease.limits = limits;
    if (need.active > lease.need.active) lease.calls += need.active - lease.need.active;
    if (need.active + need.waiting > 0) lease.isUsed = true;
    lease.need = need;
    lease.changed = changed;
    const isValid = lease.validUntilMs > performance.now();
    this.#consider(account, lease);
    const isUnlimited = limits.requestsPerSecond <= 0;
    return {
      places: isValid ? lease.places : 0,
      requestsPerSecond: isUnlimited ? Number.POSITIVE_INFINITY : isValid ? lease.rate : 0,
      sinceMs: lease.sinceMs,
      pausedUntilMs: lease.pausedUntilMs,
    };
  }

  postpone(account: string, untilMs: number): void {
    const ms = Math.ceil(untilMs - this.#clock.now());
    if (ms <= 0 || this.#isClosed) return;
    const pause = this.#redis as unknown as { assayPause(key: string, ms: number): Promise<number> };
    // This process keeps the pause itself.
    pause.assayPause(this.#keys + account, ms).catch((error: unknown) => this.#missed(account, error));
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#leases.values()) clearTimeout(timer);
    this.#redis.disconnect();
  }

  #leaseOf(account: string, limits: Limits): Lease {
    let lease = this.#leases.get(account);
    if (lease === undefined) {
      lease = {
        ...{ limits, need: { active: 0, waiting: 0 }, changed: () => {} },
        ...{ places: 0, rate: 0, heldPlaces: 0, sinceMs: Number.NEGATIVE_INFINITY, validUntilMs: 0, pausedUntilMs: 0 },
        ...{
          calls: 0,
          isUsed: false,
          isShort: false,
          askedAtMs: Number.NEGATIVE_INFINITY,
          isAsking: false,
          timer: undefined,
        },
      };
      this.#leases.set(account, lease);
    }
    return lease;
  }

  /** Asks when something is missing or has to be given back, and sees to it that it is considered again in time. */
  #consider(account: string, lease: Lease): void {
    if (lease.isAsking || this.#isClosed) return;
    const { need, places, heldPlaces, limits, rate } = lease;
    const now = performance.now();
    const isValid = lease.validUntilMs > now;
    const isNeeded = need.active + need.waiting > 0;
    const lacks =
      isNeeded &&
      (!isValid ||
        (need.waiting > 0 && need.active + need.waiting > places) ||
        (limits.requestsPerSecond > 0 && rate < limits.requestsPerSecond / 1000));
    // Somebody waits for the places that were kept for calls under way.
    const isGivingBack = isValid && heldPlaces > Math.max(places, need.active);
    const sinceAskedMs = now - lease.askedAtMs;
    const dueInMs = isGivingBack ? 0 : lacks ? ASK_AGAIN_MS - sinceAskedMs : RENEW_MS - sinceAskedMs;
    clearTimeout(lease.timer);
    if ((isGivingBack || lacks || lease.isUsed) && dueInMs <= 0) void this.#ask(account, lease);
    else if (isNeeded || lease.isUsed) lease.timer = this.#again(account, lease, Math.max(1, dueInMs));
    // Nothing was asked since the last renewal: it lapses by itself, and costs nobody a request.
    else if (isValid) lease.timer = this.#again(account, lease, lease.validUntilMs - now);
    else this.#leases.delete(account);
  }

  #again(account: string, lease: Lease, ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#consider(account, lease), ms).unref();
  }

  async #ask(account: string, lease: Lease): Promise<void> {
    const { limits, need, calls } = lease;
    const from = performance.now();
    const wasValid = lease.validUntilMs > from;
    const needed = need.active + need.waiting;
    // Calls may start while the answer is on its way: what was held stays held until this process knows of less.
    const held = wasValid ? Math.max(need.active, lease.places) : need.active;
    const perSecond = (calls * 1000) / Math.min(Math.max(from - lease.askedAtMs, RENEW_MS), LEASE_MS);
    const rate = limits.requestsPerSecond;
    const rateNeeded = Math.min(rate, perSecond + need.waiting + need.active);
    Object.assign(lease, { isAsking: true, isUsed: needed > 0, calls: 0, askedAtMs: from });
    // What is not used is left to those who lack it, and else kept for the next calls.
    const isLeft = lease.isShort && needed === 0;
    const places = isLeft ? 0 : Math.min(limits.concurrency, Math.max(2 * needed, LOT));
    const wanted = isLeft ? 0 : Math.min(rate, Math.max(2 * rateNeeded, rate / LOT));
    const rateLease = Math.ceil(Math.max(LEASE_MS, rate > 0 ? 1000 / rate : 0));
    const ask = this.#redis as unknown as {
      assayLease(...args: (string | number)[]): Promise<readonly [number, string, number, string, number]>;
    };
    try {
      const key = this.#keys + account;
      const asked = [held, needed, places, limits.concurrency, rateNeeded, wanted, rate];
      const answer = await ask.assayLease(key, this.#holder, ...asked, LEASE_MS, rateLease);
      const [granted, grantedRate, hasOthers, pauseMs, isShort] = answer;
      lease.isShort = isShort === 1;
      lease.places = granted;
      lease.heldPlaces = Math.max(granted, held);
      if (!wasValid && hasOthers === 1) lease.sinceMs = this.#clock.now();
      lease.rate = Number(grantedRate);
      lease.validUntilMs = from + LEASE_MS - MARGIN_MS;
      lease.pausedUntilMs = this.#clock.now() + Number(pauseMs);
    } catch (error) {
      this.#missed(account, error);
    }
    lease.isAsking = false;
    lease.changed();
    this.#consider(account, lease);
  }

  #missed(account: string, error: unknown): void {
    if (this.#isClosed) return;
    const { message } = redisProblem(error, this.#url);
    this.#log.debug({ error: message, account }, 'Redis does not answer for the limits of an account; asked again');
  }
}
