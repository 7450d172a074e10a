import type { KindTable } from './index.ts';

/** Sections 2 to 12 of the engine: rules of services/analysis and the pass of services/engine. */
export const ruleKinds: KindTable = {};
