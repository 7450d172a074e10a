import { type CanaryConfig, type CanaryMetric, DIRECTIONS } from '../domain/canary-config.ts';
import { lookUp } from './look-up.ts';

/** Settings that take one of a few words; any other word is read as `otherwise`. */
const WORDS: readonly {
  readonly path: readonly string[];
  readonly words: readonly string[];
  readonly otherwise: string;
}[] = [
  { path: ['direction'], words: DIRECTIONS, otherwise: 'either' },
  { path: ['nanStrategy'], words: ['remove', 'replace'], otherwise: 'remove' },
  { path: ['outliers', 'strategy'], words: ['keep', 'remove'], otherwise: 'keep' },
  { path: ['effectSize', 'measure'], words: ['meanRatio', 'cles'], otherwise: 'meanRatio' },
];

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['direction', 'nanStrategy', 'outliers', 'critical', 'mustHaveData', 'muted', 'effectSize'],
  outliers: ['strategy', 'outlierFactor'],
  effectSize: ['measure', 'allowedIncrease', 'allowedDecrease', 'criticalIncrease', 'criticalDecrease'],
};

/** What a config says and Kayenta's judge, without a word, reads as something else. One sentence each, with the place. */
export function configWarnings(config: CanaryConfig): string[] {
  return [...config.metrics.flatMap(metricWarnings), ...nameWarnings(config.metrics), ...weightWarnings(config)];
}

function metricWarnings(metric: CanaryMetric): string[] {
  const canary = metric.analysisConfigurations?.['canary'];
  if (canary === undefined || canary === null) return [];
  const place = `metric "${metric.name}": `;
  const warnings: string[] = [];
  for (const { path, words, otherwise } of WORDS) {
    const finding = lookUp(canary, path);
    if (finding.found && !words.includes(finding.value as string))
      warnings.push(
        `${place}${path.join('.')} ${JSON.stringify(finding.value)} is read as ${otherwise}; it may be ${words.join(', ')}`,
      );
  }
  for (const [path, known] of Object.entries(KEYS)) {
    const container = path === '' ? canary : (canary as Record<string, unknown>)[path];
    if (typeof container !== 'object' || container === null) continue;
    for (const key of Object.keys(container))
      if (!known.includes(key))
        warnings.push(`${place}${path === '' ? key : `${path}.${key}`} is not read; known are ${known.join(', ')}`);
  }
  return warnings;
}

function nameWarnings(metrics: readonly CanaryMetric[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of metrics) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated].map((name) => `metric "${name}" is there more than once; the first one counts`);
}

function weightWarnings({ metrics, classifier }: CanaryConfig): string[] {
  const weights = Object.entries(classifier?.groupWeights ?? {});
  if (weights.length === 0) return [];
  const groups = new Set(metrics.flatMap((metric) => metric.groups ?? []));
  const warnings = weights
    .filter(([group]) => !groups.has(group))
    .map(([group]) => `groupWeights: no metric is in group "${group}", and its weight is taken from the others`);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const isEveryGroupWeighted = [...groups].every((group) => weights.some(([weighted]) => weighted === group));
  if (total > 100) warnings.push(`groupWeights add up to ${total}: scores can exceed 100 or turn negative`);
  else if (total < 100 && isEveryGroupWeighted)
    warnings.push(`groupWeights add up to ${total}: no score can exceed that`);
  return warnings;
}
