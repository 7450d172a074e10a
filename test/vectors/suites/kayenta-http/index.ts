import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../suite.ts';
import { type Case, sections } from './pure.ts';

export function* suite(content: unknown): Iterable<Outcome> {
  for (const [section, cases] of Object.entries(content as Record<string, Case>)) {
    const compare = sections[section];
    if (section === 'about' || compare === undefined) continue;
    for (const given of cases) {
      const { expected, actual } = compare(given);
      const name = `${section} ${given.name}`;
      yield isDeepStrictEqual(JSON.parse(JSON.stringify(actual ?? null)), expected ?? null)
        ? { name, status: 'passed' }
        : { name, status: 'failed', expected, actual };
    }
  }
}
