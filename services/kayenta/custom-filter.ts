import { KayentaError } from './kayenta-error.ts';

/** Custom filters of canary metric queries: `${scope}` and the like, by the rules of commons-text's StringSubstitutor that Kayenta uses. */

/** The members of a query that this reads: customInlineTemplate, customFilterTemplate, and the refused customFilter. */
type FilterQuery = Readonly<Record<string, unknown>>;

export type Bindings = Readonly<Record<string, unknown>>;

/**
 * The expanded filter of a query, or undefined when it has none. `scope` and `query` hold the attributes a source binds (empty ones are not bound);
 * `extended` are the scope's extendedScopeParams, which win.
 */
export function expandCustomFilter(
  query: FilterQuery,
  templates: Readonly<Record<string, string>> | undefined,
  bindings: { readonly scope: Bindings; readonly query?: Bindings; readonly extended?: Bindings | undefined },
): string | undefined {
  if (query['customFilter'] !== undefined && query['customFilter'] !== null)
    throw new KayentaError(
      'CanaryMetricSetQueryConfig.customFilter is deprecated, use CanaryMetricSetQueryConfig.customInlineTemplate instead.',
    );
  const template = chooseTemplate(query, templates);
  if (template === undefined) return undefined;
  const unescaped = unescapeTemplate(template);
  const values = new Map<string, string>();
  for (const source of [bindings.scope, bindings.query ?? {}])
    for (const [name, value] of Object.entries(source))
      if (value !== undefined && value !== null && value !== '') values.set(name, String(value));
  for (const [name, value] of Object.entries(bindings.extended ?? {}))
    if (value !== undefined && value !== null) values.set(name, String(value));
  const expanded = substitute(unescaped, values, []);
  if (expanded === undefined) throw new KayentaError(`Problem evaluating custom filter template: ${unescaped}`);
  return expanded;
}

function chooseTemplate(
  query: FilterQuery,
  templates: Readonly<Record<string, string>> | undefined,
): string | undefined {
  const { customInlineTemplate: inline, customFilterTemplate: key } = query;
  if (typeof inline === 'string' && inline !== '') return inline;
  if (typeof key !== 'string' || key === '') return undefined;
  if (templates === undefined || templates === null || Object.keys(templates).length === 0)
    throw new KayentaError(`Custom filter template '${key}' was referenced, but no templates were defined.`);
  if (!Object.hasOwn(templates, key)) throw new KayentaError(`Custom filter template '${key}' was not found.`);
  return templates[key];
}

/** Kayenta escapes templates against its pipeline engine; both forms are stored and both must be read. */
export const unescapeTemplate = (text: string): string => text.replaceAll('$\\{', '${');
export const escapeTemplate = (text: string): string => text.replaceAll('${', '$\\{');

/** Undefined when a name is unbound or values refer to each other in a circle. */
function substitute(text: string, values: ReadonlyMap<string, string>, path: readonly string[]): string | undefined {
  let output = '';
  let position = 0;
  while (position < text.length) {
    const start = text.indexOf('${', position);
    const end = start < 0 ? -1 : text.indexOf('}', start + 2);
    if (end < 0) break;
    if (start > position && text[start - 1] === '$') {
      output += `${text.slice(position, start - 1)}\${`;
      position = start + 2;
      continue;
    }
    const inner = text.slice(start + 2, end);
    const marker = inner.indexOf(':-');
    const name = marker < 0 ? inner : inner.slice(0, marker);
    const value = values.get(name) ?? (marker < 0 ? undefined : inner.slice(marker + 2));
    if (value === undefined || path.includes(name)) return undefined;
    const expanded = substitute(value, values, [...path, name]);
    if (expanded === undefined) return undefined;
    output += text.slice(position, start) + expanded;
    position = end + 1;
  }
  return output + text.slice(position);
}
