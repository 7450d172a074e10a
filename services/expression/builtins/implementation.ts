import type { Run } from '../run.ts';
import type { GoValue } from '../value.ts';

/** Carries out a builtin. Arguments are as many as the signature allows, of types that may be wrong where they were unknown. */
export type Implementation = (args: readonly GoValue[], run: Run) => GoValue;
