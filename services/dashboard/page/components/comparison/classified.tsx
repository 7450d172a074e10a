import type { CanaryVerdict, Classification } from '../../../../domain/judgement.ts';
import type { Phase } from '../../../../domain/phase.ts';
import { PhaseMark } from '../phase.tsx';

/** Shown in the shapes of phases, which people know by then. */
const PHASES: Readonly<Record<Classification | CanaryVerdict, Phase>> = {
  Pass: 'Successful',
  Marginal: 'Inconclusive',
  Fail: 'Failed',
  High: 'Failed',
  Low: 'Failed',
  Nodata: 'Inconclusive',
  NodataFailMetric: 'Failed',
  Error: 'Error',
};

export function Classified({ as }: { readonly as: Classification | CanaryVerdict }) {
  const phase = PHASES[as] ?? 'Pending';
  return (
    <span class="phase" data-phase={phase}>
      <PhaseMark phase={phase} />
      {as}
    </span>
  );
}
