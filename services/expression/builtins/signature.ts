import {
  ANY,
  ANY_LIST,
  ANY_MAP,
  BOOL,
  DURATION,
  FLOAT_LIST,
  FLOAT64,
  type FuncType,
  funcOf,
  type GoType,
  GROUPS,
  INT,
  INT_LIST,
  type Kind,
  LOCATION_POINTER,
  STRING,
  STRING_LIST,
  TIME,
} from '../go/go-type.ts';

/** The type of an argument; undefined for a literal nil, `interface {}` for what is not known before running. */
export type ArgumentType = GoType | undefined;

/** How the checker types a call of a builtin: by trying signatures in order, or by a rule of its own. */
export interface Signature {
  readonly name: string;
  /** What the name alone is typed as. */
  readonly type: FuncType;
  readonly overloads?: readonly FuncType[];
  /** The type of the outcome, or a message. */
  readonly validate?: (args: readonly ArgumentType[]) => GoType | string;
}

const signatures = new Map<string, Signature>();

export function signatureOf(name: string): Signature {
  return signatures.get(name)!;
}

function overloaded(names: string, ...overloads: FuncType[]): void {
  for (const name of names.split(' ')) signatures.set(name, { name, type: overloads[0]!, overloads });
}

const BY_RULE = funcOf([ANY_LIST], [ANY, { name: 'error', kind: 'interface' }], true);

function ruled(name: string, validate: (args: readonly ArgumentType[]) => GoType | string): void {
  signatures.set(name, { name, type: BY_RULE, validate });
}

function kindOf(type: ArgumentType): Kind | 'invalid' {
  return type === undefined ? 'invalid' : type.kind === 'ptr' ? type.element!.kind : type.kind;
}

const LISTS: readonly string[] = ['interface', 'slice', 'array'];
const NUMBERS: readonly string[] = ['float64', 'int', 'int64', 'uint8', 'uint64'];

/** Go prints a missing type so. */
const nameOf = (type: ArgumentType) => type?.name ?? '%!s(<nil>)';

function wrongCount(expected: number | string, args: readonly unknown[]): string {
  return `invalid number of arguments (expected ${expected}, got ${args.length})`;
}

/** One argument of one of these kinds; `outcome` may depend on it. */
function unary(
  name: string,
  kinds: readonly string[],
  outcome: GoType | ((arg: GoType) => GoType),
  complaint: (type: string) => string,
): void {
  ruled(name, (args) => {
    if (args.length !== 1) return wrongCount(1, args);
    const arg = args[0];
    if (!kinds.includes(kindOf(arg))) return complaint(nameOf(arg));
    return typeof outcome === 'function' ? outcome(arg!) : outcome;
  });
}

const predicate = funcOf([ANY], [BOOL]);
const mapper = funcOf([ANY], [ANY]);
overloaded('all none any one', funcOf([ANY_LIST, predicate], [BOOL]));
overloaded('filter', funcOf([ANY_LIST, predicate], [ANY_LIST]));
overloaded('map', funcOf([ANY_LIST, mapper], [ANY_LIST]));
overloaded('find findLast', funcOf([ANY_LIST, predicate], [ANY]));
overloaded('findIndex findLastIndex count sum', funcOf([ANY_LIST, predicate], [INT]));
overloaded('groupBy', funcOf([ANY_LIST, mapper], [GROUPS]));
overloaded('sortBy', funcOf([ANY_LIST, predicate, STRING], [ANY_LIST]));
overloaded('reduce', funcOf([ANY_LIST, funcOf([ANY, ANY], [ANY]), ANY], [ANY]));

const error: GoType = { name: 'error', kind: 'interface' };
const text = (count: number, result: GoType) => funcOf(Array<GoType>(count).fill(STRING), [result]);
overloaded('type string toJSON', funcOf([ANY], [STRING]));
overloaded('trim', text(1, STRING), text(2, STRING));
overloaded('trimPrefix trimSuffix', text(2, STRING), text(1, STRING));
overloaded('upper lower toBase64 fromBase64', text(1, STRING));
overloaded('fromJSON', text(1, ANY));
overloaded('split splitAfter', text(2, STRING_LIST), funcOf([STRING, STRING, INT], [STRING_LIST]));
overloaded('replace', funcOf([STRING, STRING, STRING, INT], [STRING]), text(3, STRING));
overloaded('repeat', funcOf([STRING, INT], [STRING]));
overloaded(
  'join',
  funcOf([STRING_LIST, STRING], [STRING]),
  funcOf([ANY_LIST, STRING], [STRING]),
  funcOf([ANY_LIST], [STRING]),
  funcOf([STRING_LIST, STRING], [STRING]),
  funcOf([STRING_LIST], [STRING]),
);
overloaded('indexOf lastIndexOf', text(2, INT));
overloaded('hasPrefix hasSuffix', text(2, BOOL));
overloaded('duration', funcOf([STRING], [DURATION, error]));
overloaded('timezone', funcOf([STRING], [LOCATION_POINTER, error]));
overloaded(
  'sort',
  ...[ANY_LIST, INT_LIST, FLOAT_LIST, STRING_LIST].map((list) => funcOf([list, STRING], [ANY_LIST])),
  ...[ANY_LIST, FLOAT_LIST, STRING_LIST, INT_LIST].map((list) => funcOf([list], [ANY_LIST])),
);
overloaded('bitand bitor bitxor bitnand bitshl bitshr bitushr', funcOf([INT, INT], [INT]));
overloaded('bitnot', funcOf([INT], [INT]));

unary(
  'len',
  ['array', 'map', 'slice', 'string', 'interface'],
  INT,
  (type) => `invalid argument for len (type ${type})`,
);
unary(
  'abs',
  [...NUMBERS, 'interface'],
  (arg) => arg,
  (type) => `invalid argument for abs (type ${type})`,
);
for (const name of ['ceil', 'floor', 'round']) {
  unary(name, [...NUMBERS, 'interface'], FLOAT64, (type) => `invalid argument for ${name} (type ${type})`);
}
unary('int', [...NUMBERS, 'interface', 'string'], INT, (type) => `invalid argument for int (type ${type})`);
unary('float', [...NUMBERS, 'interface', 'string'], FLOAT64, (type) => `invalid argument for float (type ${type})`);
for (const name of ['first', 'last']) {
  const elementOf = (arg: GoType) => (arg.kind === 'interface' ? ANY : arg.element!);
  unary(name, LISTS, elementOf, (type) => `cannot get ${name} element from ${type}`);
}
unary('keys', ['interface', 'map'], ANY_LIST, (type) => `cannot get keys from ${type}`);
unary('values', ['interface', 'map'], ANY_LIST, (type) => `cannot get values from ${type}`);
unary('toPairs', ['interface', 'map'], ANY_LIST, (type) => `cannot transform ${type} to pairs`);
unary('fromPairs', LISTS, ANY_MAP, (type) => `cannot transform ${type} from pairs`);
for (const name of ['reverse', 'uniq', 'flatten']) unary(name, LISTS, ANY_LIST, (type) => `cannot ${name} ${type}`);

for (const name of ['max', 'min', 'mean', 'median']) {
  ruled(name, (args) => {
    if (args.length === 0) return `not enough arguments to call ${name}`;
    for (const arg of args) {
      if (LISTS.includes(kindOf(arg))) return ANY;
      if (!NUMBERS.includes(kindOf(arg))) return `invalid argument for ${name} (type ${nameOf(arg)})`;
    }
    return args[0]!;
  });
}

ruled('concat', (args) => {
  if (args.length === 0) return 'invalid number of arguments (expected at least 1, got 0)';
  const wrong = args.findIndex((arg) => !LISTS.includes(kindOf(arg)));
  return wrong < 0 ? ANY_LIST : `cannot concat ${nameOf(args[wrong])}`;
});

ruled('take', (args) => {
  if (args.length !== 2) return wrongCount(2, args);
  if (!LISTS.includes(kindOf(args[0]))) return `cannot take from ${nameOf(args[0])}`;
  if (!['interface', 'int', 'int64'].includes(kindOf(args[1]))) return `cannot take ${nameOf(args[1])} elements`;
  return args[0]!;
});

ruled('now', (args) => {
  if (args.length === 0 || (args.length === 1 && args[0] === LOCATION_POINTER)) return TIME;
  return wrongCount(0, args);
});

ruled('date', (args) => {
  if (args.length < 1) return wrongCount('at least 1', args);
  const rest = args[0] === LOCATION_POINTER ? args.slice(1) : args;
  return rest.length > 3 ? wrongCount('at most 3', rest) : TIME;
});

// `get` is typed by the checker itself.
signatures.set('get', { name: 'get', type: BY_RULE });
