import type { Metric } from '../domain/template.ts';

const DECIDING = ['job', 'kayenta', 'canary'];

/** Does the source decide the phase itself, so that conditions are not evaluated? */
export function decidesItself({ provider }: Pick<Metric, 'provider'>): boolean {
  return DECIDING.some((member) => provider?.[member] !== undefined);
}
