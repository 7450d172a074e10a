import { goQuote } from '../../domain/go-text.ts';
import type { ObjectMeta } from '../../domain/resource.ts';

/** A field path that cannot be read; the message is Kubernetes' or Argo's. */
export class FieldPathError extends Error {
  override readonly name = 'FieldPathError';
}

/**
 * A `metadata…` path as the Kubernetes downward API reads it: name, namespace, uid, the whole label or annotation map as sorted
 * `key="value"` lines, or one entry as `metadata.labels['key']`; an absent key is the empty string.
 */
export function readMetadataPath(metadata: Partial<ObjectMeta>, path: string): string {
  const subscripted = /^(.+?)\['(.*)'\]$/su.exec(path);
  if (subscripted !== null) return readSubscript(metadata, path, subscripted[1]!, subscripted[2]!);
  switch (path) {
    case 'metadata.labels':
      return mapAsLines(metadata.labels);
    case 'metadata.annotations':
      return mapAsLines(metadata.annotations);
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    default:
      throw new FieldPathError(`unsupported fieldPath: ${path}`);
  }
}

function readSubscript(metadata: Partial<ObjectMeta>, path: string, map: string, key: string): string {
  if (map !== 'metadata.labels' && map !== 'metadata.annotations')
    throw new FieldPathError(`fieldPath ${goQuote(path)} does not support subscript`);
  // Annotation keys may hold capitals in their prefix, label keys may not.
  const mistakes = qualifiedNameMistakes(map === 'metadata.labels' ? key : key.toLowerCase());
  if (mistakes.length > 0) throw new FieldPathError(`invalid key subscript in ${path}: ${mistakes.join(';')}`);
  const entries = map === 'metadata.labels' ? metadata.labels : metadata.annotations;
  return entries !== undefined && Object.hasOwn(entries, key) ? entries[key]! : '';
}

function mapAsLines(entries: Readonly<Record<string, string>> = {}): string {
  return Object.keys(entries)
    .sort()
    .map((key) => `${key}=${goQuote(entries[key]!)}`)
    .join('\n');
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;
const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** What is wrong with a label or annotation key, in the words of Kubernetes' validation; empty when nothing is. */
function qualifiedNameMistakes(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2)
    return [`a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const name = parts.at(-1)!;
  const mistakes: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') mistakes.push('prefix part must be non-empty');
    else {
      if (prefix.length > 253) mistakes.push('prefix part must be no more than 253 bytes');
      if (!SUBDOMAIN.test(prefix)) mistakes.push(`prefix part ${SUBDOMAIN_RULE}`);
    }
  }
  if (name === '') mistakes.push('name part must be non-empty');
  else if (name.length > 63) mistakes.push('name part must be no more than 63 bytes');
  if (!NAME.test(name)) mistakes.push(`name part ${NAME_RULE}`);
  return mistakes;
}

/**
 * Any other path, walked through the rollout as JSON: parts are split at dots and brackets, numbers index arrays. The value must be a
 * text, number or boolean and is printed as Go prints it by default. Throws FieldPathError.
 */
export function readRolloutPath(rollout: unknown, path: string): string {
  let value = rollout;
  for (const part of path.split(/[.[\]]+/u)) {
    if (part === '') continue;
    value = step(value, part, path);
  }
  if (value === null || value === undefined) throw new FieldPathError(`invalid path ${path} in rollout`);
  if (typeof value === 'object')
    throw new FieldPathError(`path ${path} in rollout must terminate in a primitive value`);
  return typeof value === 'number' ? defaultFormat(value) : String(value);
}

function step(value: unknown, part: string, path: string): unknown {
  if (Array.isArray(value)) {
    if (!/^[+-]?\d+$/u.test(part)) throw new FieldPathError(`invalid index '${part}'`);
    const index = Number(part);
    if (index < 0 || index >= value.length) throw new FieldPathError(`index ${index} out of range`);
    return value[index];
  }
  if (typeof value !== 'object' || value === null) throw new FieldPathError(`invalid path ${path} in rollout`);
  return Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
}

/** Go's %v of a float64: the shortest digits, with an exponent below 1e-04 and from 1e+06 on. */
function defaultFormat(number: number): string {
  const [digits, exponent] = number.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(number);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
