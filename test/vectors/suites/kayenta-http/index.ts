import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../suite.ts';
import { argoOutcome } from './argo-outcomes.ts';
import { playRequest } from './http.ts';
import { type Case, sections } from './pure.ts';

export async function* suite(content: unknown): AsyncIterable<Outcome> {
  for (const [section, cases] of Object.entries(content as Record<string, Case>)) {
    if (section === 'about') continue;
    for (const given of cases) yield await play(section, given);
  }
}

async function play(section: string, given: Case): Promise<Outcome> {
  const name = `${section} ${given.name}`;
  if (section === 'http') {
    // What is given in words stands as a test of its own, by the same name.
    return typeof given.given === 'string' ? { name, status: 'skipped' } : playRequest(given);
  }
  const compare = section === 'argoOutcomes' ? argoOutcome : sections[section];
  if (compare === undefined) return { name, status: 'failed', expected: 'a known section', actual: section };
  const { expected, actual } = await compare(given);
  return isDeepStrictEqual(JSON.parse(JSON.stringify(actual ?? null)), expected ?? null)
    ? { name, status: 'passed' }
    : { name, status: 'failed', expected, actual };
}
