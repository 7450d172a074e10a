import type { KindTable } from './index.ts';

/** The rules for rollout controllers, services/analysis/rollout. */
export const rolloutKinds: KindTable = {};
