import type { Http } from '../../providers/contract.ts';
import type { Clock } from '../engine/ports.ts';
import type { Account } from './accounts.ts';
import { metricsSources } from './sources/index.ts';
import { call, matchingMetrics } from './sources/metrics-source.ts';

/** Kayenta asks Prometheus for its names anew each minute. */
const KEPT_MS = 60_000;
/** Accounts, and filters of Graphite's: names may be many. */
const MOST_ANSWERS = 100;

interface MetricName {
  readonly name: string;
}
interface Answer {
  readonly until: number;
  readonly names: Promise<readonly MetricName[]>;
}

/** The metric names of an account that hold a text, for completion. Names are asked for once a minute, however many ask. Throws KayentaError. */
export function metricNameReader({ http, clock }: { readonly http: Http; readonly clock: Clock }) {
  const answers = new Map<string, Answer>();

  return async (account: Account, filter: string): Promise<readonly MetricName[]> => {
    const metadata = metricsSources.get(account.type)?.metadata;
    if (metadata === undefined) return [];
    // Graphite searches by the filter itself; the others tell all they have.
    const searches = account.type === 'graphite';
    const key = searches ? JSON.stringify([account.name, filter]) : account.name;
    const now = clock.now();
    let answer = answers.get(key);
    if (answer === undefined || answer.until <= now) {
      const names = call(metadata.buildRequest(account, filter, now), http).then(metadata.readAnswer);
      answer = { until: now + KEPT_MS, names };
      keep(key, answer, now);
      names.catch(() => answers.get(key)?.names === names && answers.delete(key));
    }
    const names = await answer.names;
    return searches ? names : matchingMetrics(names, filter);
  };

  function keep(key: string, answer: Answer, now: number): void {
    for (const [old, { until }] of answers) if (until <= now) answers.delete(old);
    const [oldest] = answers.keys();
    if (oldest !== undefined && answers.size >= MOST_ANSWERS) answers.delete(oldest);
    answers.set(key, answer);
  }
}
