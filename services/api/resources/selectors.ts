import { labelValue, qualifiedName } from '../../admission/names.ts';
import type { Resource } from '../../domain/resource.ts';
import { badRequest } from './status.ts';

export type Matches = (document: Resource) => boolean;
type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const REQUIREMENT =
  /^\s*(?:!\s*(?<absent>[^\s!=<>(),]+)|(?<key>[^\s!=<>(),]+)(?:\s+(?<set>in|notin)\s*\((?<values>[^()]*)\)|\s*(?<operator>==|=|!=|<|>)\s*(?<value>[^\s!=<>(),]*))?)\s*(?:,|$)/;

/** `team in (shop,pay),track!=canary,!old`. Throws StatusError BadRequest. */
export function labelSelector(text: string): Matches {
  const tests: LabelTest[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const match = REQUIREMENT.exec(rest);
    if (match?.groups === undefined || (rest.trimEnd().endsWith(',') && match[0].length === rest.length))
      throw badRequest(
        `unable to parse requirement: found ${JSON.stringify(rest.trim())}, expected key, !key, key=value, key!=value, key>n, key<n, key in (a,b) or key notin (a,b)`,
      );
    tests.push(labelTest(match.groups));
    rest = rest.slice(match[0].length);
  }
  return (document) => tests.every((test) => test(document.metadata.labels ?? {}));
}

function labelTest(parts: Readonly<Record<string, string | undefined>>): LabelTest {
  const { absent, set, values, operator, value = '' } = parts;
  const key = absent ?? parts['key'] ?? '';
  const keyProblem = qualifiedName(key);
  if (keyProblem !== undefined)
    throw badRequest(`unable to parse requirement: key ${JSON.stringify(key)}: ${keyProblem}`);
  if (absent !== undefined) return (labels) => !Object.hasOwn(labels, key);
  if (set !== undefined) {
    const words = new Set((values ?? '').split(',').map((word) => checkedValue(word.trim())));
    // notin and != also take objects without the label.
    return set === 'in'
      ? (labels) => Object.hasOwn(labels, key) && words.has(labels[key] ?? '')
      : (labels) => !Object.hasOwn(labels, key) || !words.has(labels[key] ?? '');
  }
  if (operator === undefined) return (labels) => Object.hasOwn(labels, key);
  if (operator === '<' || operator === '>') return numberTest(key, operator, value);
  checkedValue(value);
  return operator === '!='
    ? (labels) => labels[key] !== value
    : (labels) => Object.hasOwn(labels, key) && labels[key] === value;
}

function numberTest(key: string, operator: '<' | '>', value: string): LabelTest {
  if (!/^-?\d+$/.test(value))
    throw badRequest(
      `unable to parse requirement: ${key}${operator} needs a whole number, found ${JSON.stringify(value)}`,
    );
  const bound = BigInt(value);
  return (labels) => {
    const found = Object.hasOwn(labels, key) ? (labels[key] ?? '') : '';
    if (!/^-?\d+$/.test(found)) return false;
    return operator === '<' ? BigInt(found) < bound : BigInt(found) > bound;
  };
}

function checkedValue(value: string): string {
  const problem = labelValue(value);
  if (problem !== undefined)
    throw badRequest(`unable to parse requirement: value ${JSON.stringify(value)}: ${problem}`);
  return value;
}

/** `metadata.name=x,metadata.namespace!=y` over the fields that the kind supports. Throws StatusError BadRequest. */
export function fieldSelector(text: string, supported: readonly string[]): Matches {
  const terms = text.split(/(?<!\\)(?:\\\\)*,/).filter((term) => term.trim() !== '');
  const tests = terms.map((term): Matches => {
    const match = /^\s*(?<field>[^!=]+?)(?<operator>==|!=|=)(?<value>(?:[^\\=]|\\[\\,=])*)$/.exec(term);
    const { field, operator, value = '' } = match?.groups ?? {};
    if (field === undefined)
      throw badRequest(
        `invalid field selector: ${JSON.stringify(term)}; can be field=value, field==value or field!=value`,
      );
    if (!supported.includes(field)) throw badRequest(`field label not supported: ${field}`);
    const wanted = value.replaceAll(/\\([\\,=])/g, '$1');
    // `source` of an Event is its component.
    const path = field === 'source' ? ['source', 'component'] : field.split('.');
    return (document) => (fieldValue(document, path) === wanted) === (operator !== '!=');
  });
  return (document) => tests.every((test) => test(document));
}

/** An absent field reads as empty text. */
function fieldValue(document: Resource, path: readonly string[]): string {
  let value: unknown = document;
  for (const member of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[member];
  return value === undefined || value === null ? '' : String(value);
}
