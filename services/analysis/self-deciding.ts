import type { Metric } from '../domain/template.ts';

/** Sources that give a verdict and no value. Most of them begin something that lasts. */
const DECIDING = ['job', 'kayenta', 'canaryExecution', 'canaryAnalysis'];

/** Does the source decide the phase itself, so that conditions are not evaluated? A canary judgement does when there are none. */
export function decidesItself({
  provider,
  successCondition,
  failureCondition,
}: Pick<Metric, 'provider' | 'successCondition' | 'failureCondition'>): boolean {
  if (provider?.['canary'] !== undefined) return !successCondition && !failureCondition;
  return DECIDING.some((member) => provider?.[member] !== undefined);
}
