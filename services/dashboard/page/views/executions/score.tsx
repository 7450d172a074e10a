import type { CanaryVerdict } from '../../../../domain/judgement.ts';
import type { Phase } from '../../../../domain/phase.ts';
import { PhaseMark } from '../../components/phase.tsx';
import type { ExecutionSummary } from './execution-summary.ts';

/** What a run makes of each: the marks of phases say the same here. */
const PHASES: Readonly<Record<CanaryVerdict, Phase>> = { Pass: 'Successful', Marginal: 'Inconclusive', Fail: 'Failed' };
const STATES: Readonly<Record<ExecutionSummary['state'], { readonly phase: Phase; readonly word: string }>> = {
  not_started: { phase: 'Pending', word: 'not started' },
  running: { phase: 'Running', word: 'running' },
  succeeded: { phase: 'Successful', word: 'judged' },
  terminal: { phase: 'Error', word: 'failed' },
  canceled: { phase: 'Inconclusive', word: 'canceled' },
};

/** A score with its classification; before there is one, or when there is none, the state. */
export function Score({ score, classification, state }: Pick<ExecutionSummary, 'score' | 'classification' | 'state'>) {
  const { phase, word } =
    score === undefined || classification === undefined
      ? STATES[state]
      : { phase: PHASES[classification], word: `${score} ${classification}` };
  return (
    <span class="phase" data-phase={phase}>
      <PhaseMark phase={phase} />
      {word}
    </span>
  );
}
