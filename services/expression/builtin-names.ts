export type ArgumentKind = 'value' | 'predicate' | 'value?' | 'predicate?';

const TAKING_PREDICATES: ReadonlyMap<string, readonly ArgumentKind[]> = new Map([
  ...'all none any one filter map find findIndex findLast findLastIndex groupBy'
    .split(' ')
    .map((name) => [name, ['value', 'predicate']] as [string, ArgumentKind[]]),
  ['count', ['value', 'predicate?']],
  ['sum', ['value', 'predicate?']],
  ['sortBy', ['value', 'predicate', 'value?']],
  ['reduce', ['value', 'predicate', 'value?']],
]);

const TAKING_VALUES: ReadonlySet<string> = new Set(
  (
    'len type abs ceil floor round int float string trim trimPrefix trimSuffix upper lower split splitAfter replace ' +
    'repeat join indexOf lastIndexOf hasPrefix hasSuffix max min mean median toJSON fromJSON toBase64 fromBase64 ' +
    'now duration date timezone first last get take keys values toPairs fromPairs reverse uniq concat flatten sort ' +
    'bitand bitor bitxor bitnand bitshl bitshr bitushr bitnot'
  ).split(' '),
);

/** Whether expr-lang has a builtin function of this name. */
export function isBuiltin(name: string): boolean {
  return TAKING_VALUES.has(name) || TAKING_PREDICATES.has(name);
}

/** What a builtin takes whose argument is a predicate; undefined for any other name. */
export function predicateArguments(name: string): readonly ArgumentKind[] | undefined {
  return TAKING_PREDICATES.get(name);
}
