import { equalJson } from './equal-json.ts';

/** A patch that cannot be applied: `malformed` is no patch at all, `failed` does not fit the document (a missing path, a test that fails). */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
  readonly kind: 'malformed' | 'failed';
  constructor(kind: JsonPatchError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Pointer; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move' | 'copy'; readonly path: Pointer; readonly from: Pointer };
type Pointer = readonly string[];

/** A patch may copy what it has copied: beyond this many operations it is a bomb. */
const MAX_OPERATIONS = 10_000;
const MAX_COPIED_NODES = 100_000;

/** JSON patch (RFC 6902), all or nothing; `document` is not changed. Throws JsonPatchError. */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new JsonPatchError('malformed', 'a JSON patch is a list of operations');
  if (patch.length > MAX_OPERATIONS) throw new JsonPatchError('malformed', `more than ${MAX_OPERATIONS} operations`);
  const budget = { nodes: MAX_COPIED_NODES };
  // Changed in place from here on: what rebuilds a large object for each operation takes minutes.
  let current: unknown = structuredClone(document);
  for (const [index, operation] of patch.map(readOperation).entries()) {
    const fail = (why: string): never => {
      throw new JsonPatchError('failed', `operation ${index} (${operation.op} ${pointerText(operation.path)}): ${why}`);
    };
    current = applyOperation(current, operation, budget, fail);
  }
  return current;
}

function applyOperation(current: unknown, operation: Operation, budget: { nodes: number }, fail: Fail): unknown {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
      return change(current, path, 'add', structuredClone(operation.value), fail);
    case 'remove':
      return change(current, path, 'remove', undefined, fail);
    case 'replace':
      return change(current, path, 'replace', structuredClone(operation.value), fail);
    case 'test':
      return equalJson(valueAt(current, path, fail), operation.value) ? current : fail('the value there differs');
    case 'copy': {
      const value = valueAt(current, operation.from, fail);
      budget.nodes -= countNodes(value);
      return budget.nodes < 0 ? fail('copies too much') : change(current, path, 'add', structuredClone(value), fail);
    }
    case 'move': {
      const intoItself = path.length > operation.from.length && operation.from.every((part, at) => path[at] === part);
      if (intoItself) fail('a value cannot move into itself');
      const value = valueAt(current, operation.from, fail);
      return change(change(current, operation.from, 'remove', undefined, fail), path, 'add', value, fail);
    }
  }
}

type Fail = (why: string) => never;

/** Changes one place of `current`, which no one else holds, and yields the document that comes of it. */
function change(
  current: unknown,
  path: Pointer,
  how: 'add' | 'remove' | 'replace',
  value: unknown,
  fail: Fail,
): unknown {
  const key = path.at(-1);
  if (key === undefined) return how === 'remove' ? fail('the whole document cannot be removed') : value;
  const container = valueAt(current, path.slice(0, -1), fail);
  if (typeof container !== 'object' || container === null) return fail('no such path');
  if (Array.isArray(container)) {
    const index = key === '-' && how === 'add' ? container.length : listIndex(key, fail);
    if (index > container.length || (how !== 'add' && index >= container.length)) fail('no such index');
    if (how === 'replace') container[index] = value;
    else container.splice(index, how === 'add' ? 0 : 1, ...(how === 'add' ? [value] : []));
    return current;
  }
  if (how !== 'add' && !Object.hasOwn(container, key)) fail('no such path');
  if (how === 'remove') Reflect.deleteProperty(container, key);
  // Assigning to __proto__ would not make a member.
  else Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  return current;
}

function valueAt(document: unknown, path: Pointer, fail: Fail): unknown {
  let current = document;
  for (const key of path) {
    if (Array.isArray(current)) {
      const index = listIndex(key, fail);
      if (index >= current.length) fail('no such index');
      current = current[index];
    } else if (typeof current === 'object' && current !== null && Object.hasOwn(current, key))
      current = (current as Readonly<Record<string, unknown>>)[key];
    else fail('no such path');
  }
  return current;
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + countNodes(member), 1);
}

function listIndex(key: string, fail: Fail): number {
  return /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : fail(`${JSON.stringify(key)} is no index of a list`);
}

function readOperation(source: unknown, index: number): Operation {
  const malformed = (why: string): never => {
    throw new JsonPatchError('malformed', `operation ${index}: ${why}`);
  };
  if (typeof source !== 'object' || source === null) return malformed('must be an object');
  const { op, path, from } = source as Readonly<Record<string, unknown>>;
  const pointer = (text: unknown, member: string): Pointer => {
    if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')))
      return malformed(`"${member}" must be a JSON pointer such as /spec/args`);
    return text
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  };
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (!Object.hasOwn(source, 'value')) return malformed(`"${op}" needs a value`);
      return { op, path: pointer(path, 'path'), value: (source as { value: unknown }).value };
    case 'remove':
      return { op, path: pointer(path, 'path') };
    case 'move':
    case 'copy':
      return { op, path: pointer(path, 'path'), from: pointer(from, 'from') };
    default:
      return malformed('"op" must be add, remove, replace, move, copy or test');
  }
}

function pointerText(path: Pointer): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
