import type { Argument } from '../../domain/template.ts';
import { error, type Finding, warning } from './finding.ts';
import type { FilledMetric, KnownArguments } from './known-arguments.ts';

/** What is wrong with the list of arguments itself. In a run everything must have a value; in a template the caller may still give it. */
export function lintArguments(
  args: readonly Argument[],
  document: 'template' | 'run',
  usedNames: ReadonlySet<string>,
): Finding[] {
  return args.flatMap((arg, index) => {
    const path = `spec.args[${index}]`;
    return [
      ...repeatedName(args, index, path),
      ...doubleSource(arg, path),
      ...(document === 'run' ? missingValue(arg, path) : openQuestions(arg, path, usedNames)),
    ];
  });
}

function repeatedName(args: readonly Argument[], index: number, path: string): Finding[] {
  const { name } = args[index]!;
  const isRepeat = args.findIndex((arg) => arg.name === name) < index;
  if (!isRepeat) return [];
  return [
    warning(`${path}.name`, `"${name}" stands twice in the list: the last one counts, the others are never used`),
  ];
}

function doubleSource({ name, value, valueFrom }: Argument, path: string): Finding[] {
  if (value === undefined || valueFrom?.secretKeyRef === undefined) return [];
  const message = `"${name}" has a value and a secret: a run takes the secret, a Rollout with an inline analysis is refused`;
  return [warning(path, message, 'keep one of value and valueFrom')];
}

function missingValue({ name, value, valueFrom }: Argument, path: string): Finding[] {
  if (value !== undefined || valueFrom?.secretKeyRef !== undefined) return [];
  const message = `Unable to resolve metric arguments: argument "${name}" was not supplied`;
  if (valueFrom?.fieldRef !== undefined)
    return [error(`${path}.valueFrom.fieldRef`, `${message}: a run does not resolve fieldRef`, 'write the value')];
  return [error(path, message, `give it a value, used or not`)];
}

function openQuestions({ name, value, valueFrom }: Argument, path: string, usedNames: ReadonlySet<string>): Finding[] {
  if (value !== undefined || valueFrom?.secretKeyRef !== undefined) return [];
  if (valueFrom?.fieldRef !== undefined) {
    const message = `nothing resolves a fieldRef in a template: unless the caller gives "${name}" a value, the run ends in Error`;
    return [warning(`${path}.valueFrom.fieldRef`, message, 'use fieldRef in the arguments of the Rollout')];
  }
  if (usedNames.has(name)) return [];
  const message = `nothing uses "${name}", and yet a run without it is refused: args.${name} was not resolved`;
  return [warning(path, message, 'remove it, or give it a default')];
}

/** What Argo writes into the run's status as it is asked; Assay masks secrets there. */
const STORED_QUERIES = ['provider.prometheus.query', 'provider.newRelic.query'];

/** Secrets that Argo would show to everybody who may read runs. */
export function lintSecrets({ secret }: FilledMetric, path: string): Finding[] {
  return STORED_QUERIES.filter((place) => secret.has(place)).map((place) =>
    warning(
      `${path}.${place}`,
      "Argo stores the query in the run's status, with the secret in clear",
      'send it in a header',
    ),
  );
}

/** Placeholders that cannot be filled; a run ends in Error at its first pass. */
export function lintPlaceholders({ texts }: FilledMetric, path: string, args: KnownArguments): Finding[] {
  return texts.flatMap(({ path: place, unknown, fault }) => {
    if (fault !== undefined)
      return [
        error(`${path}.${place}`, `Unable to resolve metric arguments: ${fault}`, 'close the placeholder with }}'),
      ];
    return unknown.map((tag) =>
      error(`${path}.${place}`, `Unable to resolve metric arguments: failed to resolve {{${tag}}}`, declare(tag, args)),
    );
  });
}

function declare(tag: string, args: KnownArguments): string {
  const declared = [...args.values.keys()].map((name) => `{{args.${name}}}`);
  const known = declared.length === 0 ? 'no argument is declared' : `declared are ${declared.join(', ')}`;
  if (tag.startsWith('args.')) return `add ${tag.slice('args.'.length)} to spec.args (${known})`;
  return `only {{args.NAME}} is a placeholder (${known}); a literal {{ cannot be written`;
}
