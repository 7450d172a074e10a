import { parseDuration } from '../../domain/duration.ts';
import { rfc3339 } from '../../domain/resource.ts';
import type { Argument } from '../../domain/template.ts';
import { fillPlaceholders } from '../template-text.ts';

/** What of an Experiment its analyses may refer to. */
export interface ExperimentFacts {
  /** RFC 3339; absent until the experiment is available. */
  readonly availableAt?: string;
  readonly duration?: string;
  readonly templates: readonly {
    readonly name: string;
    /** Absent while the template has no ReplicaSet. */
    readonly podTemplateHash?: string;
    readonly replicaSet?: string;
  }[];
}

/** The arguments an Experiment passes to a run: only their `value`s, filled; `valueFrom` is dropped, as in Argo. Throws as `fillExperimentArgument`. */
export function experimentArguments(args: readonly Argument[], experiment: ExperimentFacts): Argument[] {
  return args.map(({ name, value }) =>
    value === undefined ? { name } : { name, value: fillExperimentArgument(value, experiment) },
  );
}

/**
 * Fills `{{templates.NAME.podTemplateHash}}`, `{{templates.NAME.replicaset.name}}`, `{{experiment.availableAt}}` and, with a duration,
 * `{{experiment.finishedAt}}`. Throws Error in Argo's words for a name that is none of these and for a duration that does not parse.
 */
export function fillExperimentArgument(text: string, experiment: ExperimentFacts): string {
  // A missing closer is reported before a duration that does not parse.
  fillPlaceholders(text, () => '');
  const values = new Map<string, string>();
  if (experiment.availableAt !== undefined) {
    const availableMs = Date.parse(experiment.availableAt);
    values.set('experiment.availableAt', rfc3339(availableMs));
    if (experiment.duration) {
      const durationMs = Number(parseDuration(experiment.duration) / 1_000_000n);
      values.set('experiment.finishedAt', rfc3339(availableMs + durationMs));
    }
  }
  for (const { name, podTemplateHash, replicaSet } of experiment.templates) {
    if (podTemplateHash !== undefined) values.set(`templates.${name}.podTemplateHash`, podTemplateHash);
    if (replicaSet !== undefined) values.set(`templates.${name}.replicaset.name`, replicaSet);
  }
  return fillPlaceholders(text, (name) => values.get(name));
}
