import type { Thresholds } from '../../domain/canary-config.ts';
import type { Judgement } from '../../domain/judgement.ts';
import type { JudgementDocument } from '../../engine/keep-judgement.ts';
import type { Clock, Secrets } from '../../engine/ports.ts';
import { fromJson } from '../../judge/judge-request.ts';
import { systemClock } from '../../queue/clock.ts';
import { directorySecrets } from '../../secrets/directory.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Input, type Program, textOption, UsageError } from '../command.ts';
import { configOf } from '../config-of.ts';

const METRIC = 'canary';
const noSecrets: Secrets = { read: async () => undefined };

/** Measures the block of a `canary` metric once, as a run would. Throws ProviderError. */
export async function judgeQueries(
  query: Readonly<Record<string, unknown>>,
  thresholdsOf: (preset: Thresholds | undefined) => Thresholds,
  input: Input,
  program: Program,
): Promise<{ readonly judgement: Judgement; readonly thresholds: Thresholds }> {
  if (query['window'] === undefined || query['window'] === 'run' || query['window'] === 'interval')
    throw new UsageError('window: there is no run here', 'a duration, such as window: 1h');
  const clock = clockAt(textOption(input, 'at'));
  const namespace = textOption(input, 'namespace') ?? 'default';
  const config = await configOf(input);
  const store = memoryStore();
  const secrets = config.secrets === undefined ? noSecrets : directorySecrets(config.secrets);
  const { measurer, close } = await program.createProviders(config, { clock, secrets, store });
  try {
    const thresholds = thresholdsOf(query['thresholds'] as Thresholds | undefined);
    const reading = await measurer.measure({
      run: { uid: '', name: 'judge', namespace },
      metric: { name: METRIC },
      attempt: 1,
      now: clock.now(),
      signal: new AbortController().signal,
      provider: { canary: { ...query, thresholds } },
    });
    const name = reading.metadata?.['judgement'] ?? '';
    const { judgement } = (await store.get({ kind: 'Judgement', namespace, name })) as JudgementDocument;
    return { judgement: fromJson(judgement) as Judgement, thresholds };
  } finally {
    close();
  }
}

/** A clock that goes on from the given time, so that sources see the moment that was asked for; without one, the system's. */
function clockAt(text: string | undefined): Clock {
  if (text === undefined) return systemClock;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`--at: "${text}" is no time`, 'for example 2026-01-01T12:00:00Z');
  const behindMs = systemClock.now() - at;
  return {
    now: () => systemClock.now() - behindMs,
    sleepUntil: (epochMs, signal) => systemClock.sleepUntil(epochMs + behindMs, signal),
  };
}
