import { CallerError } from '../domain/errors.ts';
import type { MetricSet, MetricSetPair, MetricSetScope, Samples } from '../domain/metric-set.ts';

/** Pairs the series of control and experiment, metric by metric, as Kayenta's MetricSetMixerService does. */

/** A pair as Kayenta stores it: every member is there. */
export type MixedPair = Required<MetricSetPair>;

/** `newId` names each pair. Throws CallerError when a side has no series of a metric, or the sides are tagged differently. */
export function mixMetrics(
  metricNames: readonly string[],
  control: readonly MetricSet[],
  experiment: readonly MetricSet[],
  newId: () => string,
): readonly MixedPair[] {
  return metricNames.flatMap((name) => {
    const ofMetric = (sets: readonly MetricSet[]) => sets.filter((set) => set.name === name);
    return pairUp(name, ofMetric(control), ofMetric(experiment)).map(([left, right]) => pairOf(left, right, newId()));
  });
}

type Sides = readonly [control: MetricSet, experiment: MetricSet];

function pairUp(name: string, control: readonly MetricSet[], experiment: readonly MetricSet[]): readonly Sides[] {
  const [firstControl] = control;
  const [firstExperiment] = experiment;
  if (firstControl === undefined) throw missing('control', name);
  if (firstExperiment === undefined) throw missing('experiment', name);
  const untaggedControl = control.find(isUntagged);
  const untaggedExperiment = experiment.find(isUntagged);
  if (untaggedControl === undefined && untaggedExperiment === undefined)
    refuseDifferentKeys(firstControl, firstExperiment);
  // A side whose only set has no tags has no data of its own: it stands in, as NaN, for every tagged series of the other.
  if (untaggedControl !== undefined && untaggedExperiment === undefined)
    return experiment.map((set) => [template(untaggedControl, set.tags), set]);
  if (untaggedExperiment !== undefined && untaggedControl === undefined)
    return control.map((set) => [set, template(untaggedExperiment, set.tags)]);
  const controlByTags = byTags(control);
  const experimentByTags = byTags(experiment);
  const keys = new Set([...controlByTags.keys(), ...experimentByTags.keys()]);
  return [...keys].map((key) => {
    const left = controlByTags.get(key);
    const right = experimentByTags.get(key);
    const tags = (left ?? right)?.tags ?? {};
    return [left ?? template(firstControl, tags), right ?? template(firstExperiment, tags)];
  });
}

const isUntagged = ({ tags }: MetricSet): boolean => Object.keys(tags).length === 0;

const missing = (side: string, name: string) =>
  new CallerError(
    'invalid',
    `No ${side} metrics found for ${name} and the metric service did not create a placeholder.`,
  );

function refuseDifferentKeys(control: MetricSet, experiment: MetricSet): void {
  const keys = ({ tags }: MetricSet) => `[${Object.keys(tags).sort().join(', ')}]`;
  if (keys(control) !== keys(experiment))
    throw new CallerError(
      'invalid',
      `Control metrics have different tag keys than the experiment tag set (${keys(control)} != ${keys(experiment)}).`,
    );
}

/** Of several series with equal tags only the first counts. */
function byTags(sets: readonly MetricSet[]): ReadonlyMap<string, MetricSet> {
  const map = new Map<string, MetricSet>();
  for (const set of sets) {
    const key = JSON.stringify(Object.entries(set.tags).sort(([left], [right]) => (left < right ? -1 : 1)));
    if (!map.has(key)) map.set(key, set);
  }
  return map;
}

const template = (like: MetricSet, tags: Readonly<Record<string, string>>): MetricSet => ({
  ...like,
  tags,
  values: [],
});

function pairOf(control: MetricSet, experiment: MetricSet, id: string): MixedPair {
  return {
    name: control.name,
    id,
    tags: control.tags,
    values: { control: padded(control), experiment: padded(experiment) },
    scopes: { control: scopeOf(control), experiment: scopeOf(experiment) },
    attributes: { control: control.attributes ?? {}, experiment: experiment.attributes ?? {} },
  };
}

/** Of a side. More than that is a wrong date or step, and no list that a process could hold. */
const MOST_POINTS = 10_000_000;

/** NaN at the end up to the points that the side's own time and step let expect. */
function padded({ name, values, startTimeMillis, endTimeMillis, stepMillis }: MetricSet): Samples {
  const expected = stepMillis > 0 ? Math.trunc((endTimeMillis - startTimeMillis) / stepMillis) : 0;
  if (values.length >= expected) return values;
  if (expected > MOST_POINTS)
    throw new CallerError(
      'invalid',
      `The window and the step of ${name} let expect ${expected} points; at most ${MOST_POINTS} are judged: check start, end and step.`,
    );
  return [...values, ...new Array<number>(expected - values.length).fill(Number.NaN)];
}

const scopeOf = ({ startTimeMillis, stepMillis }: MetricSet): MetricSetScope => ({
  startTimeIso: new Date(startTimeMillis).toISOString().replace('.000Z', 'Z'),
  startTimeMillis,
  stepMillis,
});
