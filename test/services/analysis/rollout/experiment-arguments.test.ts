import { expect, it } from 'vitest';
import { experimentArguments } from '../../../../services/analysis/rollout/experiment-arguments.ts';

const experiment = {
  availableAt: '2026-01-01T00:00:00Z',
  duration: '1m30.9s',
  templates: [{ name: 'canary', podTemplateHash: 'abcd', replicaSet: 'ex-canary' }, { name: 'baseline' }],
};

it.each([
  {
    name: 'facts of a template',
    value: '{{templates.canary.podTemplateHash}}/{{ templates.canary.replicaset.name }}',
    want: 'abcd/ex-canary',
  },
  { name: 'the end, cut to seconds', value: '{{experiment.finishedAt}}', want: '2026-01-01T00:01:30Z' },
  { name: 'text', value: 'plain', want: 'plain' },
])('fills $name', ({ value, want }) => {
  expect(experimentArguments([{ name: 'a', value }], experiment)).toEqual([{ name: 'a', value: want }]);
});

it('drops where a value comes from, as Argo does', () => {
  const arg = { name: 'a', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
  expect(experimentArguments([arg], experiment)).toEqual([{ name: 'a' }]);
});

it.each([
  {
    name: 'a template without ReplicaSet',
    value: '{{templates.baseline.podTemplateHash}}',
    facts: experiment,
    error: 'failed to resolve {{templates.baseline.podTemplateHash}}',
  },
  {
    name: 'an experiment that is not available',
    value: '{{experiment.availableAt}}',
    facts: { templates: [] },
    error: 'failed to resolve {{experiment.availableAt}}',
  },
  {
    name: 'an end without a duration',
    value: '{{experiment.finishedAt}}',
    facts: { ...experiment, duration: '' },
    error: 'failed to resolve {{experiment.finishedAt}}',
  },
  {
    name: 'a duration that is none',
    value: 'plain',
    facts: { ...experiment, duration: '1d' },
    error: 'time: unknown unit "d" in duration "1d"',
  },
  {
    name: 'a placeholder without an end, before all else',
    value: '{{x',
    facts: { ...experiment, duration: '1d' },
    error: 'Cannot find end tag',
  },
])('refuses $name', ({ value, facts, error }) => {
  expect(() => experimentArguments([{ name: 'a', value }], facts)).toThrow(error);
});
