import type { CanaryConfig } from '../../domain/canary-config.ts';
import { CallerError } from '../../domain/errors.ts';
import { type JudgeRequest, readJudgeRequest } from '../../judge/judge-request.ts';
import { readCanaryConfig } from '../../judge/read-canary-config.ts';
import { ManifestError } from '../../manifest/manifest-error.ts';
import { readOneDocument } from '../../manifest/read-manifest.ts';
import { UsageError } from '../command.ts';
import { readBytes } from '../read-documents.ts';

/** What `assay judge` is given: samples with everything, a config whose samples lie elsewhere, or queries (the block of a `canary` metric). */
export type JudgeCase =
  | { readonly type: 'request'; readonly request: JudgeRequest }
  | { readonly type: 'config'; readonly config: CanaryConfig }
  | { readonly type: 'queries'; readonly query: Readonly<Record<string, unknown>> };

/** Throws UsageError. */
export async function readCase(file: string): Promise<JudgeCase> {
  const value = parse(file, new TextDecoder().decode(await readBytes(file)));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unknownCase(file);
  const fields = value as Readonly<Record<string, unknown>>;
  try {
    if ('metricSetPairList' in fields) return { type: 'request', request: readJudgeRequest(fields) };
    if (isQueries(fields)) return { type: 'queries', query: fields };
    if (Array.isArray(fields['metrics'])) return { type: 'config', config: readCanaryConfig(fields) };
  } catch (error) {
    if (error instanceof CallerError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
  throw unknownCase(file);
}

function isQueries({ baseline, canary, canaryConfig, metrics }: Readonly<Record<string, unknown>>): boolean {
  if (baseline !== undefined || canary !== undefined || canaryConfig !== undefined) return true;
  return Array.isArray(metrics) && metrics.some((metric) => Object.hasOwn(Object(metric), 'baseline'));
}

const unknownCase = (file: string) =>
  new UsageError(
    `${file}: nothing to judge`,
    'a canary config (with --samples), a body of POST /judge, or the block of a canary metric: baseline, canary and window',
  );

/** JSON may be large, as samples are; YAML is what people write. */
function parse(file: string, text: string): unknown {
  try {
    return /^\s*\{/u.test(text) ? JSON.parse(text) : readOneDocument(text, 'yaml').value;
  } catch (error) {
    if (error instanceof ManifestError || error instanceof SyntaxError)
      throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}
