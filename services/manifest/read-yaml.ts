import type { Document, Node } from 'yaml';
import { fieldPath, MOST_FIELDS_FOUND } from './field-path.ts';
import { ManifestError, manifestErrorAt } from './manifest-error.ts';
import { yamlPackage } from './yaml-package.ts';

/** An alias may repeat what it names this often in all; beyond that it is a bomb ("billion laughs"). */
const MAX_ALIASES = 100;
/** `yaml` looks through the document for each alias: what is bounded is aliases times values, over all documents of a text. */
const MAX_ALIAS_STEPS = 10_000_000;
/** What aliases may swell a text to, in characters of text and one for each value. */
const MAX_EXPANDED = 16 * 1024 * 1024;

export interface YamlDocument {
  readonly value: unknown;
  readonly line: number;
  readonly repeatedFields: readonly string[];
}

/**
 * YAML 1.2 core, with `<<` merges as Kubernetes' tools read them. Empty documents are left out. Throws ManifestError for what is no YAML, is nested
 * too deep, swells through aliases, or holds what JSON cannot (`.nan`, `.inf`).
 */
export function readYaml(text: string, maxDepth: number): readonly YamlDocument[] {
  refuseDeepNesting(text, maxDepth);
  const { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } = yamlPackage();
  const lines = new LineCounter();
  const options = { version: '1.2', merge: true, uniqueKeys: false, lineCounter: lines, prettyErrors: false } as const;
  const documents = parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return [];
  let aliasSteps = 0;
  return (documents as Document.Parsed[]).flatMap((document) => {
    const problem = document.errors[0];
    if (problem !== undefined) throw manifestErrorAt(text, problem.pos[0], problem.message);
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    const { line, col } = lines.linePos(document.contents.range[0]);
    const repeatedFields: string[] = [];
    const anchors = new Set<string>();
    let values = 0;
    let aliases = 0;
    inspect(document.contents, '', 0);
    aliasSteps += aliases * values;
    if (aliasSteps > MAX_ALIAS_STEPS)
      throw new ManifestError(`${aliases} aliases are too many for a document of ${values} values`, line, col);
    return [{ value: toValue(document, line, col, maxDepth), line, repeatedFields }];

    function inspect(node: unknown, path: string, depth: number): void {
      if (depth > maxDepth) throw errorOn(node, `nested deeper than ${maxDepth} levels`);
      values += 1;
      if (isAlias(node)) {
        aliases += 1;
        if (!anchors.has(node.source)) throw errorOn(node, `no anchor &${node.source} stands before this alias`);
      }
      if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) anchors.add(node.anchor);
      if (isMap(node)) {
        const seen = new Set<string>();
        for (const pair of node.items) {
          if (!isPair(pair)) continue;
          if (!isScalar(pair.key)) throw errorOn(pair.key ?? node, 'a field name must be plain text');
          const name = String(pair.key.value);
          const field = fieldPath(path, name);
          if (seen.has(name) && repeatedFields.length < MOST_FIELDS_FOUND) repeatedFields.push(field);
          seen.add(name);
          inspect(pair.value, field, depth + 1);
        }
      } else if (isSeq(node))
        for (const [index, item] of node.items.entries()) inspect(item, `${path}[${index}]`, depth + 1);
      else if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value))
        throw errorOn(node, `${path}: ${node.source ?? String(node.value)} is no number that JSON has`);
    }
    function errorOn(node: unknown, problem: string): ManifestError {
      const range = (node as Node | null)?.range;
      return manifestErrorAt(text, range ? range[0] : 0, problem);
    }
  });
}

function toValue(document: Document.Parsed, line: number, column: number, maxDepth: number): unknown {
  const value = resolved(document, line, column);
  if (expandedSize(value, maxDepth) > MAX_EXPANDED) throw new ManifestError('aliases swell this too far', line, column);
  return value;
}

function resolved(document: Document.Parsed, line: number, column: number): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // Aliases that multiply, merges of what is no map: what `yaml` throws here is about the text.
    throw new ManifestError(error instanceof Error ? error.message : String(error), line, column);
  }
}

/** Infinity where aliases nest too deep, as one inside its own anchor does without end. */
function expandedSize(value: unknown, depthLeft: number): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  if (depthLeft < 0) return Number.POSITIVE_INFINITY;
  let size = 1;
  for (const [key, member] of Object.entries(value)) {
    size += key.length + expandedSize(member, depthLeft - 1);
    if (size > MAX_EXPANDED) break;
  }
  return size;
}

/** The parser takes seconds over a megabyte of brackets: depth is counted on the lexer's tokens first. */
function refuseDeepNesting(text: string, maxDepth: number): void {
  let offset = 0;
  let flow = 0;
  let onLine = 0;
  const { Lexer } = yamlPackage();
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '\n' || token === '\r\n') onLine = 0;
    // A line may hold many `a: b` pairs in one flow map; only outside of flow does each indicator open a level.
    else if (flow === 0 && (token === '-' || token === '?' || token === ':')) onLine += 1;
    if (flow > maxDepth || onLine > maxDepth)
      throw manifestErrorAt(text, offset, `nested deeper than ${maxDepth} levels`);
    offset += isMark(token) ? 0 : token.length;
  }
}

/** The lexer's own marks (byte order, document, flow end, scalar) are not part of the text. */
const isMark = (token: string) => token === '\u0002' || token === '\u0018' || token === '\u001f';
