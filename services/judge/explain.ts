import type { Evidence, SampleEvidence } from '../domain/judgement.ts';
import { percentile } from '../statistics/percentile.ts';
import { type Classified, effectOf } from './classify.ts';
import type { CleanSamples } from './clean.ts';
import type { Comparison, TestLevel } from './compare.ts';
import type { MetricSettings } from './settings.ts';

/** What happened to one pair of samples on the way to its classification. */
interface Explained {
  readonly canary: CleanSamples;
  readonly baseline: CleanSamples;
  readonly comparison: Comparison;
  readonly settings: MetricSettings;
  readonly classified: Classified;
  readonly level: TestLevel;
}

/** Below this range of differences the solver's grain of 10⁻⁴ moves verdicts. */
const FINE_SPAN = 1e-2;

/** The numbers behind a classification and one sentence why. */
export function explain(explained: Explained): Evidence {
  const { canary, baseline, comparison, settings, level } = explained;
  const warnings = warningsOf(explained);
  return {
    why: whyOf(explained),
    baseline: sampleEvidence(baseline),
    canary: sampleEvidence(canary),
    ...(comparison.found === 'shift' && {
      pValue: comparison.pValue,
      shift: {
        ...comparison.interval,
        confidence: level.confidence,
        tolerated: level.tolerance * Math.abs(comparison.interval.estimate),
      },
      effectSize: { meanRatio: comparison.meanRatio, cles: comparison.cles, ...settings.effectSize },
    }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function sampleEvidence({ sorted, received, missing, outliers }: CleanSamples): SampleEvidence {
  return {
    received,
    used: sorted.length,
    missing,
    outliers,
    ...(sorted.length > 0 && { median: percentile(sorted, 50) }),
  };
}

function whyOf(explained: Explained): string {
  const { baseline, comparison } = explained;
  switch (comparison.found) {
    case 'no-data':
      return whyNoData(explained);
    case 'identical':
      return `Canary and baseline have the same ${baseline.sorted.length} values.`;
    case 'one-value':
      return `Every value on both sides is ${number(baseline.stats.min)}.`;
    case 'tied':
      return 'All values are tied when one side is shifted to the other, so their ranks say nothing: a side has too few values.';
    case 'shift':
      return whyShift(explained, comparison);
  }
}

function whyNoData({ canary, baseline, settings }: Explained): string {
  const empty = [canary.stats.count === 0 ? 'canary' : '', baseline.stats.count === 0 ? 'baseline' : ''].filter(
    Boolean,
  );
  const missing = `No samples of the ${empty.join(' and the ')} (received: canary ${canary.received}, baseline ${baseline.received}, NaN included)`;
  if (settings.nanStrategy === 'replace') return `${missing}; with nanStrategy replace that passes.`;
  if (settings.critical) return `${missing}, and the metric is critical.`;
  return settings.mustHaveData ? `${missing}, and the metric must have data.` : `${missing}.`;
}

/** Which of the three hurdles decided: the interval, the direction, the effect size. */
function whyShift(
  { settings, classified, level }: Explained,
  comparison: Extract<Comparison, { found: 'shift' }>,
): string {
  const { interval } = comparison;
  const { effectSize, direction } = settings;
  const tolerated = level.tolerance * Math.abs(interval.estimate);
  const bounds = `${level.confidence * 100} % interval ${number(interval.lower)} to ${number(interval.upper)}`;
  const isHigher = interval.lower > tolerated;
  if (!isHigher && !(interval.upper < -tolerated))
    return `No clear shift: the ${bounds} reaches into the tolerated ±${number(tolerated)}.`;

  const shift = `The canary is ${isHigher ? 'higher' : 'lower'} by ${number(Math.abs(interval.estimate))} (${bounds}, tolerated ±${number(tolerated)})`;
  if (direction === (isHigher ? 'decrease' : 'increase')) return `${shift}, and only a ${direction} counts.`;

  const measure = effectSize.measure === 'cles' ? 'common-language effect size' : 'mean ratio';
  const effect = effectOf(comparison, effectSize);
  if (Number.isNaN(effect)) return `${shift}; the ${measure} cannot be computed, so the shift alone decides.`;
  const gate = isHigher ? effectSize.allowedIncrease : effectSize.allowedDecrease;
  const side = isHigher ? 'below' : 'above';
  if (classified.classification === 'Pass')
    return `${shift}, but its ${measure} ${number(effect)} is ${side} the gate ${number(gate)}.`;
  const critical = classified.critical ? ' and the metric is critical' : '';
  return `${shift}, and its ${measure} ${number(effect)} is not ${side} the gate ${number(gate)}${critical}.`;
}

function warningsOf({ canary, baseline, comparison, settings, classified }: Explained): string[] {
  const warnings: string[] = [];
  const ends = [canary.stats, baseline.stats].flatMap(({ min, max }) => [min, max]);
  if (!ends.every(Number.isFinite)) warnings.push('There are infinite samples: ranks can use them, means cannot.');
  if (classified.classification === 'Error')
    warnings.push('A metric in Error neither passes nor fails: it drops out of its groups, even when it is critical.');
  if (comparison.found !== 'shift') return warnings;
  if (comparison.isConstant)
    warnings.push(
      'Both sides are constant: noise of 0.001 % stands in for their spread, as in Kayenta, but is the same each time.',
    );
  else if (comparison.span < FINE_SPAN)
    warnings.push(
      `All differences lie within ${number(comparison.span)}, near the 0.0001 to which the shift is found: scale the metric up.`,
    );
  if (settings.effectSize.measure === 'meanRatio' && (canary.stats.mean < 0 || baseline.stats.mean < 0))
    warnings.push('The mean ratio runs backwards for negative means: effectSize.measure cles has no such limit.');
  return warnings;
}

/** Four digits are enough to read; the exact numbers stand beside the sentence. */
function number(value: number): string {
  const size = Math.abs(value);
  if (!(size >= 1e-6 && size < 1e15)) return String(Number(value.toPrecision(4)));
  const decimals = 3 - Math.floor(Math.log10(size));
  // Dividing by a power of ten is exact to the last bit where multiplying by its inverse is not.
  const scale = 10 ** Math.abs(decimals);
  return String(decimals < 0 ? Math.round(value / scale) * scale : Math.round(value * scale) / scale);
}
