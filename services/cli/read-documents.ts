import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Resource } from '../domain/resource.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { UsageError } from './command.ts';

/** One document of a file that is an object with a kind and a name. */
export interface FileDocument {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly repeatedFields: readonly string[];
  readonly value: Resource & Readonly<Record<string, unknown>>;
}

/** The documents in a file, `-` for standard input. Lists are opened. Throws UsageError with file and line. */
export async function readDocuments(file: string): Promise<readonly FileDocument[]> {
  const bytes = await readBytes(file);
  try {
    const documents = readManifest(bytes, file.endsWith('.json') ? 'json' : 'yaml');
    return documents.flatMap(({ value, line, repeatedFields }) =>
      itemsOf(value).map((item) => ({ file, line, repeatedFields, value: asResource(item, `${file}:${line}`) })),
    );
  } catch (error) {
    if (error instanceof ManifestError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** The bytes of a file, `-` for standard input. Throws UsageError. */
export async function readBytes(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      `${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message}`,
    );
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
  return kind === 'List' && Array.isArray(items) ? items : [value];
}

/** Kayenta's canary configs say nothing of their kind. */
function isCanaryConfig(value: object): boolean {
  const { apiVersion, metrics } = value as { apiVersion?: unknown; metrics?: unknown };
  return apiVersion === undefined && Array.isArray(metrics);
}

function asResource(value: unknown, place: string): FileDocument['value'] {
  if (typeof value === 'object' && value !== null && isCanaryConfig(value)) {
    const { name } = value as { name?: unknown };
    return { apiVersion: '', kind: 'CanaryConfig', metadata: { name: String(name ?? '') }, config: value };
  }
  const { apiVersion, kind } = (value ?? {}) as Partial<Resource>;
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    typeof kind !== 'string' ||
    typeof apiVersion !== 'string'
  )
    throw new UsageError(
      `${place}: no Kubernetes object`,
      'a document begins with apiVersion and kind, or is a canary config',
    );
  return value as FileDocument['value'];
}
