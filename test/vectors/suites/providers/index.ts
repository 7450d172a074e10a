import type { Outcome, Suite } from '../../suite.ts';
import { playArgo } from './argo.ts';
import type { Case } from './case.ts';

type Play = (played: Case) => Promise<Outcome>;

/** Files whose flagger cases bind; elsewhere they inform. */
const FLAGGER_BINDS: ReadonlySet<string> = new Set(['dynatrace', 'googlemonitoring', 'signalfx', 'flagger-observers']);

/**
 * How each dialect is played, `informs` when its cases do not bind, and `waits` for a dialect whose part of the product is not built yet. A dialect
 * that is none of these fails.
 */
const DIALECTS: Readonly<Record<Case['dialect'], Play | 'informs' | 'waits'>> = {
  argo: playArgo,
  docs: async ({ name }) => ({ name, status: 'failed', expected: 'a way to play the docs dialect', actual: 'none' }),
  flagger: async ({ name }) => ({
    name,
    status: 'failed',
    expected: 'a way to play the flagger dialect',
    actual: 'none',
  }),
  kayenta: 'waits', // for the judge's metrics sources
  keptn: 'informs',
  pipecd: 'informs',
};

/** The suite of one provider's file. */
export function providerSuite(name: string): Suite {
  return async function* play(content) {
    for (const each of content as readonly Case[]) {
      const how = each.dialect === 'flagger' && !FLAGGER_BINDS.has(name) ? 'informs' : DIALECTS[each.dialect];
      if (how === 'informs' || how === 'waits') yield { name: each.name, status: 'skipped' };
      else yield await attempted(how, each);
    }
  };
}

/** A crash is a failure of its case, not of the file. */
async function attempted(how: Play, each: Case): Promise<Outcome> {
  try {
    return await how(each);
  } catch (error) {
    const actual = error instanceof Error ? error.stack : String(error);
    return { name: each.name, status: 'failed', expected: each.expect, actual };
  }
}
