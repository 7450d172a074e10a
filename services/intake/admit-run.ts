import type { TSchema } from 'typebox';
import { admitNew } from '../admission/admit.ts';
import { wrongType } from '../admission/cause.ts';
import { kindSchemas } from '../admission/kind-schemas.ts';
import type { NewAnalysisRun } from '../domain/run.ts';
import { JOB_ANNOTATION, type JobRun } from './job-run.ts';
import { type Document, refuse } from './read-job.ts';

/** A name with `generateName` keeps room for the ending, as Kubernetes leaves it. */
const LONGEST_PREFIX = 48;

export interface AdmittedRun {
  readonly run: NewAnalysisRun;
  /** Paths that the schema does not know; they were left out, as the resource API leaves them out. */
  readonly unknownFields: readonly string[];
}

/** Holds a run document to the kind's schema and gives it the name and uid of its job. */
export function runAdmission(providerSchemas: Readonly<Record<string, TSchema>>) {
  const { AnalysisRun: schema } = kindSchemas(providerSchemas);
  /** Throws CallerError `invalid`. */
  return (document: Document, { origin, uid, nameSuffix }: JobRun, now: number): AdmittedRun => {
    const metadata = membersOf(document, 'metadata');
    const prefix = String(metadata['generateName'] || 'job-').slice(0, LONGEST_PREFIX);
    const admitted = admitNew(
      schema,
      {
        ...document,
        metadata: {
          ...metadata,
          name: metadata['name'] || prefix + nameSuffix,
          annotations: { ...membersOf(metadata, 'annotations', 'metadata.'), [JOB_ANNOTATION]: origin },
        },
      },
      // No name is drawn here, so nothing random is needed.
      { namespace: String(metadata['namespace'] || 'default'), now, uid, random: new Uint8Array() },
    );
    if (admitted.causes.length > 0) refuse(admitted.causes);
    return { run: admitted.document as NewAnalysisRun, unknownFields: admitted.unknownFields };
  };
}

/** Absent counts as empty. */
function membersOf(document: Document, name: string, path = ''): Document {
  const value = document[name] ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Document;
  return refuse([wrongType(path + name, value, 'object')]);
}
