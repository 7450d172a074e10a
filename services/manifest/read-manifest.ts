import { ManifestError, manifestErrorAt } from './manifest-error.ts';
import { readYaml } from './read-yaml.ts';
import { scanJson } from './scan-json.ts';

/** Deep enough for every Kubernetes object, shallow enough for every recursive walk over one. */
const MAX_DEPTH = 100;
/** Files on the command line; the API has its own limit on bodies. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface ManifestDocument {
  /** JSON values only. */
  readonly value: unknown;
  /** Where the document begins, from 1. */
  readonly line: number;
  /** Paths of fields that stand more than once in one object, the first hundred; the last one of each counts. */
  readonly repeatedFields: readonly string[];
}

/**
 * The documents in a text, in order. `json` takes exactly one; `yaml` takes any number, and JSON as well, being its subset. Throws ManifestError with
 * line and column.
 */
export function readManifest(bytes: Uint8Array | string, format: 'json' | 'yaml'): readonly ManifestDocument[] {
  const text = typeof bytes === 'string' ? bytes : decode(bytes);
  if (text.length > MAX_BYTES) throw new ManifestError(`larger than ${MAX_BYTES} bytes`, 1, 1);
  if (format === 'json' || /^\s*\{/.test(text)) {
    const json = readJson(text, format === 'json');
    if (json !== undefined) return [json];
  }
  return readYaml(text, MAX_DEPTH);
}

/** Exactly one document, as a request body is. */
export function readOneDocument(bytes: Uint8Array | string, format: 'json' | 'yaml'): ManifestDocument {
  const documents = readManifest(bytes, format);
  const [document, second] = documents;
  if (document === undefined) throw new ManifestError('nothing in here but blanks and comments', 1, 1);
  if (second !== undefined) throw new ManifestError('a second document; send one at a time', second.line, 1);
  return document;
}

function readJson(text: string, mustBeJson: boolean): ManifestDocument | undefined {
  try {
    const repeatedFields = scanJson(text, MAX_DEPTH);
    return { value: JSON.parse(text) as unknown, line: 1, repeatedFields };
  } catch (error) {
    if (mustBeJson) throw error;
    return undefined;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const readable = new TextDecoder('utf-8').decode(bytes);
    throw manifestErrorAt(readable, readable.indexOf('\uFFFD'), 'not UTF-8 text');
  }
}
