import type { EngineDeps } from '../engine/deps.ts';

/** What the dashboard works with: the engine's, since pages read what it stores and their actions are its verbs. */
export type DashboardDeps = EngineDeps;
