/** What a condition does wrong while it runs; the evaluator adds the place. */
export class Failure extends Error {}

export const MEMORY_EXCEEDED = 'memory budget exceeded';
export const STEPS_EXCEEDED = 'step budget exceeded';
export const TOO_DEEP = 'recursion depth exceeded';
