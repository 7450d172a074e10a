import { hash } from 'node:crypto';
import type { Measurement, MetricResult } from '../services/domain/run.ts';
import type { ProviderSpec } from '../services/domain/template.ts';
import { type Accounts, type OpenAccount, openAccount } from './accounts.ts';
import { type AddressRules, createAddressGuard } from './address-guard.ts';
import {
  type CallContext,
  type Deferred,
  type Provider,
  type ProviderCall,
  ProviderError,
  type Reading,
  type Series,
  type SeriesRange,
} from './contract.ts';
import { compareStrings } from './go-format.ts';
import { createHttp, type GuardedHttp } from './http.ts';
import { type Mask, maskAnswer, maskError, secretMask } from './mask-answer.ts';
import { createPlanner, type PlannerClock, type PlannerOptions } from './planner.ts';
import { readQuery } from './read-query.ts';
import { MEMBER_ORDER, type Registered, registry } from './registry.ts';
import { retryAfterMs } from './retry-after.ts';

export interface ProvidersOptions {
  readonly clock: PlannerClock;
  /** Settings by the names Argo's controller knows, and the proxy settings (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). */
  setting(name: string): string | undefined;
  readonly secrets: { read(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> };
  readonly controllerNamespace: string;
  /** A time expression as epoch milliseconds; throws Error with the language's message. */
  evaluateTime(text: string, nowMs: number): number;
  readonly planner: PlannerOptions;
  /** Default: link-local and metadata addresses are denied. */
  readonly outbound?: AddressRules;
  /** Accounts that a block may name; default: none. */
  readonly accounts?: Accounts;
  /** Told each call to a source; must not throw. */
  readonly onCall?: (call: SourceCall) => void;
}

/** For metrics: one question to a source, or one answered by another's question. */
export interface SourceCall {
  readonly member: string;
  readonly account: string;
  readonly outcome: 'answered' | ProviderError['kind'] | 'fault';
  readonly durationMs: number;
  readonly shared: boolean;
}

/** One question about a metric: what the engine's port hands over. */
export interface MeasureCall extends CallContext {
  readonly provider: ProviderSpec;
  readonly now: number;
  readonly dueAt?: number;
  readonly signal: AbortSignal;
}

/**
 * All providers behind one door: the engine's Measurer, and series for the judge. Every method throws ProviderError, `refused` also when the block
 * names no provider or does not fit its schema; anything else thrown is a provider's bug.
 */
export interface Providers {
  measure(call: MeasureCall): Promise<Reading | Deferred>;
  resume(call: MeasureCall, inFlight: Measurement): Promise<Reading | Deferred | undefined>;
  cancel(call: MeasureCall, inFlight: Measurement): Promise<Reading | Deferred | undefined>;
  collect(call: MeasureCall, result: MetricResult, limit: number): Promise<void>;
  metadata(call: MeasureCall): Promise<Readonly<Record<string, string>> | undefined>;
  series(call: MeasureCall, range: SeriesRange): Promise<readonly Series[]>;
  /** Whether the source can be reached and lets the account in. Where a source has no question for that, it is measured. */
  check(call: MeasureCall): Promise<void>;
  /** Argo's type name of the provider that a block chooses, for logs and metrics; undefined when it chooses none. */
  typeName(provider: ProviderSpec): string | undefined;
  /** The guarded HTTP, for whoever else asks outside (notifications, connection tests). */
  readonly http: GuardedHttp;
  close(): void;
}

export function createProviders(
  options: ProvidersOptions,
  providers: Readonly<Record<string, Registered>> = registry,
): Providers {
  const { clock, setting } = options;
  const http = createHttp(createAddressGuard(options.outbound), {
    httpProxy: setting('HTTP_PROXY') ?? setting('http_proxy'),
    httpsProxy: setting('HTTPS_PROXY') ?? setting('https_proxy'),
    noProxy: setting('NO_PROXY') ?? setting('no_proxy'),
  });
  const planner = createPlanner(clock, options.planner);

  const readSecret = async (namespace: string, name: string): Promise<Readonly<Record<string, string>>> => {
    const secret = await options.secrets.read(namespace, name);
    if (secret === undefined) throw new ProviderError('refused', `secrets "${name}" not found`);
    return secret;
  };

  const chosen = async (call: MeasureCall): Promise<Choice> => {
    const member = chosenMember(call.provider, providers);
    if (member === undefined) throw new ProviderError('refused', `no valid provider in metric '${call.metric.name}'`);
    const registered = providers[member] as Registered;
    const account = await openAccount(options.accounts ?? {}, member, call.provider, { ...options, readSecret });
    const { credentials } = account ?? {};
    const block =
      account === undefined ? call.provider[member] : { ...secretRefOf(account, registered), ...account.block };
    return {
      member,
      registered,
      query: readQuery(registered.schema, block, `provider.${member}`),
      // An account's credentials stand alone: half of them from elsewhere would be another account's.
      setting: credentials === undefined ? setting : (name) => credentials[name],
      readSecret: credentials === undefined ? readSecret : async () => credentials,
      accountName: account?.name,
      mask: secretMask(account?.secrets ?? []),
    };
  };

  /** What a provider sees of a call. A 429 or 5xx with Retry-After holds back the account's next call, whatever the provider makes of it. */
  const callFor = (
    call: MeasureCall,
    { query, setting, readSecret }: Choice,
    account: string,
    now: number,
    signal: AbortSignal,
  ): ProviderCall<unknown> => ({
    run: call.run,
    metric: call.metric,
    attempt: call.attempt,
    query,
    now,
    signal,
    http: async (request) => {
      const response = await http.send(request, signal);
      const pauseMs = retryAfterMs(response, clock.now());
      if (pauseMs !== undefined) planner.postpone(account, clock.now() + pauseMs);
      return response;
    },
    wait: (ms) =>
      clock.sleepUntil(clock.now() + ms, signal).catch(() => {
        throw interrupted(signal);
      }),
    readSecret,
    controllerNamespace: options.controllerNamespace,
    setting,
    evaluateTime: (text) => options.evaluateTime(text, now),
  });

  /** Asks the chosen provider through the planner. `share` says what besides the query must be equal for an answer to serve several. */
  const ask = async <Answer>(
    call: MeasureCall,
    share: string | undefined,
    question: (provider: Provider, call: ProviderCall<unknown>) => Promise<Answer>,
  ): Promise<Answer> => {
    const choice = await chosen(call);
    const { member, query, mask } = choice;
    const provider = await choice.registered.load();
    const account = nameOf(provider, choice);
    const isShared = share !== undefined && provider.shareable !== false;
    const tell = (outcome: SourceCall['outcome'], shared: boolean, sinceMs: number): void => {
      options.onCall?.({ member, account, outcome, durationMs: clock.now() - sinceMs, shared });
    };
    const told = async (signal: AbortSignal): Promise<Answer> => {
      const startedMs = clock.now();
      try {
        const answer = await question(provider, callFor(call, choice, account, startedMs, signal));
        tell('answered', false, startedMs);
        return answer;
      } catch (error) {
        tell(error instanceof ProviderError ? error.kind : 'fault', false, startedMs);
        throw error;
      }
    };
    const arrivedMs = clock.now();
    try {
      const { answer, shared } = await planner.run({
        account,
        // An account's answer is not that of Argo's defaults, though both may ask in the same words.
        shareKey: isShared ? digest([account, choice.accountName, call.run.namespace, share, query]) : undefined,
        consumer: `${call.run.uid} ${call.metric.name}`,
        wantedSinceMs: call.dueAt,
        signal: call.signal,
        ask: told,
      });
      if (shared) tell('answered', true, arrivedMs);
      return mask === undefined || isDeferred(answer) ? answer : maskAnswer(answer, mask);
    } catch (error) {
      if (call.signal.aborted && !(error instanceof ProviderError)) throw interrupted(call.signal);
      throw mask === undefined ? error : maskError(error, mask);
    }
  };

  return {
    measure: (call) => ask(call, 'measure', (provider, inside) => provider.measure(inside)),
    resume: (call, inFlight) => ask(call, undefined, async (provider, inside) => provider.resume?.(inside, inFlight)),
    cancel: (call, inFlight) => ask(call, undefined, async (provider, inside) => provider.cancel?.(inside, inFlight)),
    collect: (call, result, limit) =>
      ask(call, undefined, async (provider, inside) => provider.collect?.(inside, result, limit)),
    series: (call, range) =>
      ask(call, `series ${range.startMs} ${range.endMs} ${range.stepMs}`, async (provider, inside) => {
        if (provider.series === undefined)
          throw new ProviderError('refused', `provider ${provider.member} cannot give a series over a range of time`);
        return provider.series(inside, range);
      }),
    check: (call) =>
      ask(call, undefined, async (provider, inside) => {
        if (provider.check !== undefined) return provider.check(inside);
        if (provider.shareable === false)
          throw new ProviderError('refused', `provider ${provider.member} cannot be tried without effects`);
        await provider.measure(inside);
      }),
    async metadata(call) {
      try {
        const choice = await chosen(call);
        const provider = await choice.registered.load();
        const inside = callFor(call, choice, nameOf(provider, choice), call.now, call.signal);
        const noted = await provider.metricMetadata?.(inside);
        return noted === undefined || choice.mask === undefined ? noted : maskAnswer(noted, choice.mask);
      } catch (error) {
        // The measurement says what is wrong; Argo notes nothing of a metric whose provider it cannot build.
        if (error instanceof ProviderError) return undefined;
        throw error;
      }
    },
    typeName: (provider) => providers[chosenMember(provider, providers) ?? '']?.typeName,
    http,
    close: () => http.close(),
  };
}

/** Its metadata is a handle, which has to come back as it is. */
function isDeferred(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'deferred' in answer;
}

interface Choice extends Pick<ProviderCall<unknown>, 'query' | 'setting' | 'readSecret'> {
  readonly member: string;
  readonly registered: Registered;
  readonly accountName: string | undefined;
  readonly mask: Mask | undefined;
}

/** Whose limits a call counts against, as metrics and logs show it: an account may be called like a Secret, and is somebody else. */
function nameOf(provider: Provider, { member, query, setting, accountName }: Choice): string {
  return accountName === undefined
    ? `${member} ${provider.account(query, setting)}`
    : `${member} account ${accountName}`;
}

/** Where a provider wants a Secret named, an account's credentials stand in for it under the account's name. */
function secretRefOf({ name, credentials }: OpenAccount, { schema }: Registered): object {
  const { properties = {} } = schema as { readonly properties?: object };
  return credentials !== undefined && 'secretRef' in properties ? { secretRef: { name } } : {};
}

function chosenMember(spec: ProviderSpec, providers: Readonly<Record<string, Registered>>): string | undefined {
  const isChosen = (member: string): boolean =>
    Object.hasOwn(providers, member) && spec[member] !== undefined && spec[member] !== null;
  return MEMBER_ORDER.find(isChosen) ?? Object.keys(providers).find(isChosen);
}

/** Equal for equal values whatever the order of members. Only a digest, since a query holds credentials in clear. */
function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts, sortMembers), 'base64');
}

function sortMembers(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareStrings(a, b)));
}

function interrupted(signal: AbortSignal): ProviderError {
  const isDeadline = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  const text = isDeadline ? 'context deadline exceeded' : 'context canceled';
  return new ProviderError('unavailable', text, { cause: signal.reason });
}
