import { randomBytes, randomUUID } from 'node:crypto';
import { admitNew } from '../admission/admit.ts';
import { type AnalysisKind, type KindSchemas, kindSchemas } from '../admission/kind-schemas.ts';
import { type Finding, lintRollout } from '../analysis/lint.ts';
import type { Rollout } from '../analysis/rollout/rollout.ts';
import { CallerError } from '../domain/errors.ts';
import { ANALYSIS_API_VERSION, type Resource } from '../domain/resource.ts';
import type { NewAnalysisRun } from '../domain/run.ts';
import type { AnalysisTemplate } from '../domain/template.ts';
import { lintDocument } from '../engine/lint-document.ts';
import { checkCanaryConfig } from '../judge/check-canary-config.ts';
import { warningsOn } from '../judge/judge.ts';
import { readCanaryConfig } from '../judge/read-canary-config.ts';
import type { Program } from './command.ts';
import type { FileDocument } from './read-documents.ts';

/** A document and everything there is to say of it. */
export interface CheckedDocument {
  readonly from: FileDocument;
  /** As the API would store it; only when it would. */
  readonly document: Resource | undefined;
  readonly findings: readonly Finding[];
}

/** `FILE:LINE: error spec.metrics[0].count: message`, and the fix on a line of its own. */
export function findingText({ file, line }: FileDocument, { severity, path, message, fix, excerpt }: Finding): string {
  const where = path === '' ? '' : ` ${path}:`;
  const more = [...(excerpt?.split('\n') ?? []), ...(fix === undefined ? [] : [`fix: ${fix}`])].map(
    (text) => `\n    ${text}`,
  );
  return `${file}:${line}: ${severity}:${where} ${message}${more.join('')}`;
}

/**
 * What the API would refuse, what ends in Error and what surprises. Documents of other kinds are left out. A Rollout's references are followed to the templates
 * among the documents, when there are any.
 */
export async function checkDocuments(
  documents: readonly FileDocument[],
  program: Pick<Program, 'providerSchemas'>,
): Promise<readonly CheckedDocument[]> {
  const schemas = kindSchemas(await program.providerSchemas());
  const admitted = documents.flatMap((from): CheckedDocument[] => {
    if (from.value.kind === 'CanaryConfig') return [checkConfig(from)];
    if (from.value.apiVersion !== ANALYSIS_API_VERSION) return [];
    if (isAnalysisKind(from.value.kind)) return [admit(from, schemas[from.value.kind])];
    return from.value.kind === 'Rollout' ? [{ from, document: from.value, findings: [] }] : [];
  });
  const templates = admitted.flatMap(({ document }) => (isTemplate(document) ? [document] : []));
  return Promise.all(
    admitted.map(async (checked) => {
      if (checked.document === undefined) return checked;
      return { ...checked, findings: [...checked.findings, ...(await lint(checked.document, templates))] };
    }),
  );
}

function isAnalysisKind(kind: string): kind is AnalysisKind {
  return kind === 'AnalysisTemplate' || kind === 'ClusterAnalysisTemplate' || kind === 'AnalysisRun';
}

export function isTemplate(document: Resource | undefined): document is AnalysisTemplate {
  return document?.kind === 'AnalysisTemplate' || document?.kind === 'ClusterAnalysisTemplate';
}

function admit(from: FileDocument, schema: KindSchemas[AnalysisKind]): CheckedDocument {
  const isClusterScoped = from.value.kind === 'ClusterAnalysisTemplate';
  const { document, causes, unknownFields } = admitNew(schema, from.value, {
    ...(!isClusterScoped && { namespace: from.value.metadata?.namespace ?? 'default' }),
    now: Date.now(),
    uid: randomUUID(),
    random: randomBytes(8),
  });
  const findings: Finding[] = [
    ...causes.map(({ field, message }) => ({ severity: 'error' as const, path: field, message })),
    ...unknownFields.map((path) => ({
      severity: 'error' as const,
      path,
      message: 'unknown field: Argo drops it without a word',
    })),
    ...from.repeatedFields.map((path) => ({
      severity: 'error' as const,
      path,
      message: 'stands twice: the last one counts',
    })),
  ];
  return { from, document: causes.length > 0 ? undefined : document, findings };
}

/** What Kayenta refuses to store, and what its judge reads otherwise than it is written. */
function checkConfig(from: FileDocument): CheckedDocument {
  const at = (severity: Finding['severity']) => (message: string) => ({ severity, path: '', message });
  try {
    const config = readCanaryConfig(from.value['config']);
    const warnings = warningsOn(config).map(at('warning'));
    try {
      checkCanaryConfig(config);
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      return { from, document: undefined, findings: [at('error')(error.message), ...warnings] };
    }
    return { from, document: undefined, findings: warnings };
  } catch (error) {
    if (!(error instanceof CallerError)) throw error;
    return { from, document: undefined, findings: [at('error')(error.message)] };
  }
}

async function lint(document: Resource, templates: readonly AnalysisTemplate[]): Promise<readonly Finding[]> {
  if (document.kind === 'Rollout')
    return lintRollout(document as Rollout, templates.length > 0 ? templates : undefined);
  return lintDocument(document as AnalysisTemplate | NewAnalysisRun);
}
