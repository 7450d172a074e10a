/** Does a value fit a partial body? Extra members are allowed; lists match element by element; members starting with `$` are operators. */
export function matches(pattern: unknown, actual: unknown): boolean {
  if (isOperator(pattern)) return Object.entries(pattern).every(([name, argument]) => operate(name, argument, actual));
  if (Array.isArray(pattern))
    return (
      Array.isArray(actual) &&
      actual.length === pattern.length &&
      pattern.every((part, index) => matches(part, actual[index]))
    );
  if (typeof pattern === 'object' && pattern !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
    return Object.entries(pattern).every(([name, part]) => matches(part, (actual as Record<string, unknown>)[name]));
  }
  return pattern === actual;
}

const isOperator = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length > 0 &&
  Object.keys(value).every((name) => name.startsWith('$'));

function operate(name: string, argument: unknown, actual: unknown): boolean {
  switch (name) {
    case '$exists':
      return (actual !== undefined) === argument;
    case '$type':
      return argument === 'array' ? Array.isArray(actual) : typeof actual === argument && !Array.isArray(actual);
    case '$regex':
      return typeof actual === 'string' && new RegExp(`^(?:${argument as string})$`).test(actual);
    case '$contains':
      return typeof actual === 'string' && actual.includes(argument as string);
    case '$endsWith':
      return typeof actual === 'string' && actual.endsWith(argument as string);
    case '$minLength':
      return typeof actual === 'string' && actual.length >= (argument as number);
    case '$in':
      return (argument as unknown[]).includes(actual);
    case '$each':
      return Array.isArray(actual) && actual.length > 0 && actual.every((item) => matches(argument, item));
    case '$containsAll':
      return (
        Array.isArray(actual) &&
        (argument as unknown[]).every((pattern) => actual.some((item: unknown) => matches(pattern, item)))
      );
    default:
      throw new Error(`unknown operator ${name}`);
  }
}
