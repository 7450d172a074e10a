import type { Outcome, Suite } from '../../suite.ts';
import { playArgo } from './argo.ts';
import type { Case } from './case.ts';
import { playDocs } from './docs.ts';
import { playFlagger } from './flagger.ts';
import { playKayenta } from './kayenta.ts';

type Play = (played: Case, file: string) => Promise<Outcome>;

/** Files whose flagger cases bind; elsewhere they inform. */
const FLAGGER_BINDS: ReadonlySet<string> = new Set(['dynatrace', 'googlemonitoring', 'signalfx', 'flagger-observers']);

/**
 * How each dialect is played, or `informs` when its cases do not bind. A dialect that is none of these fails.
 */
const DIALECTS: Readonly<Record<Case['dialect'], Play | 'informs'>> = {
  argo: playArgo,
  docs: playDocs,
  flagger: playFlagger,
  kayenta: (played, file) => playKayenta(file, played),
  keptn: 'informs',
  pipecd: 'informs',
};

/** The suite of one provider's file. */
export function providerSuite(name: string): Suite {
  return async function* play(content) {
    for (const each of content as readonly Case[]) {
      const how = each.dialect === 'flagger' && !FLAGGER_BINDS.has(name) ? 'informs' : DIALECTS[each.dialect];
      if (how === 'informs') yield { name: each.name, status: 'skipped' };
      else yield await attempted(how, each, name);
    }
  };
}

/** A crash is a failure of its case, not of the file. */
async function attempted(how: Play, each: Case, file: string): Promise<Outcome> {
  try {
    return await how(each, file);
  } catch (error) {
    const actual = error instanceof Error ? error.stack : String(error);
    return { name: each.name, status: 'failed', expected: each.expect, actual };
  }
}
