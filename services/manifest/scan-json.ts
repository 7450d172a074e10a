import { fieldPath, MOST_FIELDS_FOUND } from './field-path.ts';
import { manifestErrorAt } from './manifest-error.ts';

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

interface Level {
  readonly path: string;
  /** Present for objects. */
  readonly keys?: Set<string>;
  index: number;
}

/**
 * Reads JSON text (RFC 8259) without building it: says where it breaks the grammar, where it nests too deep, and which fields come twice in one
 * object, none of which JSON.parse tells. Yields the paths of repeated fields, the first hundred. Throws ManifestError.
 */
export function scanJson(text: string, maxDepth: number): readonly string[] {
  const repeated: string[] = [];
  const levels: Level[] = [];
  let at = 0;
  let path = '';

  const fail = (wanted: string): never => {
    const found = at >= text.length ? 'the end of the text' : JSON.stringify(text.slice(at, at + 1));
    throw manifestErrorAt(text, at, `expected ${wanted}, found ${found}`);
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  const skipSpace = () => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const key = (level: Level) => {
    skipSpace();
    const quoted = take(STRING) ?? fail('a field name in double quotes');
    const name = JSON.parse(quoted) as string;
    path = fieldPath(level.path, name);
    if (level.keys?.has(name) && repeated.length < MOST_FIELDS_FOUND) repeated.push(path);
    level.keys?.add(name);
    skipSpace();
    if (text[at] !== ':') fail('":"');
    at += 1;
  };
  const open = (level: Level) => {
    at += 1;
    if (levels.length >= maxDepth) throw manifestErrorAt(text, at - 1, `nested deeper than ${maxDepth} levels`);
    levels.push(level);
  };

  // One turn of the outer loop reads one value; the inner loop closes what ends after it.
  for (;;) {
    skipSpace();
    let complete = true;
    if (text[at] === '{') {
      const level: Level = { path, keys: new Set(), index: 0 };
      open(level);
      skipSpace();
      complete = text[at] === '}';
      if (!complete) key(level);
    } else if (text[at] === '[') {
      open({ path, index: 0 });
      skipSpace();
      complete = text[at] === ']';
      if (!complete) path = `${path}[0]`;
    } else if (take(text[at] === '"' ? STRING : SCALAR) === undefined) fail('a value');

    while (complete) {
      skipSpace();
      const level = levels.at(-1);
      if (level === undefined) {
        if (at < text.length) fail('the end of the text');
        return repeated;
      }
      if (text[at] === (level.keys ? '}' : ']')) {
        at += 1;
        levels.pop();
        continue;
      }
      const started = text[at] === ',';
      if (!started) fail(level.keys ? '"," or "}"' : '"," or "]"');
      at += 1;
      if (level.keys) key(level);
      else {
        level.index += 1;
        path = `${level.path}[${level.index}]`;
      }
      complete = false;
    }
  }
}
