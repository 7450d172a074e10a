export type Finding = { readonly found: false } | { readonly found: true; readonly value: unknown };

const NOTHING: Finding = { found: false };

/**
 * Follows a path into parsed JSON as Kayenta reads its settings: objects by key, lists by collecting what their elements have. A missing key or a
 * null on the way is nothing found; a null at the end is found.
 */
export function lookUp(data: unknown, path: readonly string[]): Finding {
  const [key, ...rest] = path;
  if (key === undefined) return { found: true, value: data };
  if (Array.isArray(data)) {
    const values = data.map((element) => lookUp(element, path)).filter((finding) => finding.found);
    return values.length === 0 ? NOTHING : { found: true, value: values.map(({ value }) => value) };
  }
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return NOTHING;
  return lookUp((data as Record<string, unknown>)[key], rest);
}
