import type { Phase } from '../../../domain/phase.ts';

/** Each phase has a shape of its own: colour only helps. */
const SHAPES: Readonly<Record<Phase, string>> = {
  Pending: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3',
  Running: 'M5 3.5l7.5 4.5L5 12.5z',
  Successful: 'M2.5 8.5l3.5 3.7L13.5 4',
  Failed: 'M3.5 3.5l9 9m0-9l-9 9',
  Error: 'M8 2L14.5 13.5h-13zM8 6.5v3m0 1.8v.4',
  Inconclusive: 'M5.5 6a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.7-.9 1.5v.4M8 12.6v.4',
};

export function PhaseMark({ phase }: { readonly phase: Phase }) {
  return (
    <svg class="phase-mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[phase] ?? SHAPES.Pending} />
    </svg>
  );
}

/** A phase with its shape and its word. */
export function PhaseBadge({ phase }: { readonly phase: Phase }) {
  return (
    <span class="phase" data-phase={phase}>
      <PhaseMark phase={phase} />
      {phase}
    </span>
  );
}
