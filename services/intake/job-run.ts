import { hash } from 'node:crypto';
import type { AnalysisRun } from '../domain/run.ts';

/** Says on a run which job asked for it: the queue, when the job was added, its id. */
export const JOB_ANNOTATION = 'assay/intake-job';

/** Letters of a digest that end the name of a run whose job gives none: two jobs get the same ones once in 2^60. */
const NAME_DIGITS = 15;

/** What a job and its run know of each other. It follows from the job alone, so that a job that comes again finds its run. */
export interface JobRun {
  /** The value of the annotation. */
  readonly origin: string;
  readonly uid: string;
  readonly nameSuffix: string;
}

/** Ids are counted anew in a queue that was emptied: the time when a job was added tells it from an earlier one of its id. */
export function jobRun(queue: string, job: { readonly id: string; readonly timestamp: number }): JobRun {
  const origin = `${queue} ${job.timestamp} ${job.id}`;
  const digest = hash('sha256', origin, 'hex');
  return { origin, uid: uuidFrom(digest), nameSuffix: digest.slice(-NAME_DIGITS) };
}

/** The job of this queue that asked for a run; undefined for all other runs. Only the server gives uids, so an annotation that somebody copied says nothing. */
export function jobIdOf(queue: string, { metadata }: AnalysisRun): string | undefined {
  const [, from, timestamp, id] = /^(\S+) (\d+) (.+)$/su.exec(metadata.annotations?.[JOB_ANNOTATION] ?? '') ?? [];
  if (from !== queue || id === undefined) return undefined;
  return metadata.uid === jobRun(queue, { id, timestamp: Number(timestamp) }).uid ? id : undefined;
}

/** A UUID of version 8 (RFC 9562): the bits are the caller's own. */
function uuidFrom(digest: string): string {
  const variant = ((Number.parseInt(digest[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    variant + digest.slice(17, 20),
    digest.slice(20, 32),
  ].join('-');
}
