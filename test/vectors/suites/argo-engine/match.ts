/**
 * The vector file's matching rules: objects are partial, arrays match in length and element by element, and an absent member
 * equals 0, the empty string, false, null, [] and {}.
 */
export function matchesPartially(expected: unknown, actual: unknown): boolean {
  if (isZero(expected)) return isZero(actual);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((element, index) => matchesPartially(element, actual[index]))
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    const members = isZero(actual) ? {} : actual;
    return (
      typeof members === 'object' &&
      members !== null &&
      Object.entries(expected).every(([name, value]) => matchesPartially(value, (members as never)[name]))
    );
  }
  return Object.is(expected, actual);
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
