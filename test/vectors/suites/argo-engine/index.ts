import type { Outcome, Suite } from '../../suite.ts';
import { conditionKinds } from './conditions.ts';
import { exportedKinds } from './exported.ts';
import { matchesPartially } from './match.ts';
import { rolloutKinds } from './rollout.ts';
import { ruleKinds } from './rules.ts';

/** Input of one case → what it yields. A throw with a message counts as `{ error: message }`. */
// biome-ignore lint/suspicious/noExplicitAny: the input's shape is the vector file's, one a kind.
export type KindRunner = (input: any) => unknown | Promise<unknown>;
export type KindTable = Readonly<Record<string, KindRunner>>;

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly input: unknown;
  readonly expect: Readonly<Record<string, unknown>>;
}

const kinds: KindTable = { ...conditionKinds, ...ruleKinds, ...rolloutKinds, ...exportedKinds };

/** Not binding: what Argo's own kubectl plugin prints. */
const SKIPPED = new Set(['cliOutput']);

export const suite: Suite = async function* (content): AsyncGenerator<Outcome> {
  for (const { name, kind, input, expect } of content as readonly Case[]) {
    const run = kinds[kind];
    if (run === undefined) {
      if (SKIPPED.has(kind)) yield { name, status: 'skipped' };
      else yield { name, status: 'failed', expected: expect, actual: `no rule for kind "${kind}"` };
      continue;
    }
    const actual = await outcomeOf(run, input);
    // A case without an expected error must not fail.
    const expected = { error: '', ...expect };
    if (matchesPartially(expected, actual)) yield { name, status: 'passed' };
    else yield { name, status: 'failed', expected: expect, actual };
  }
};

async function outcomeOf(run: KindRunner, input: unknown): Promise<unknown> {
  try {
    return await run(input);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
