import { Worker } from 'node:worker_threads';
import { KayentaError } from './kayenta-error.ts';

/** Samples may come as hundreds of megabytes; from this size on they are read in a thread, so that nobody else waits. */
const OFF_THREAD_BYTES = 8 * 1024 * 1024;

/** What `POST /judge` and the lists of samples may send at most. */
export const SAMPLES_BODY_LIMIT = 256 * 1024 * 1024;

export async function parseLargeJson(bytes: Uint8Array): Promise<unknown> {
  if (bytes.length < OFF_THREAD_BYTES) return parse(bytes);
  return inThread({ task: 'parse', bytes });
}

/** Reads and judges in a thread whatever the size: a judgement may take a while. Throws what `answerJudgeRequest` throws. */
export async function judgeLargeRequest(bytes: Uint8Array): Promise<unknown> {
  return inThread({ task: 'judge', bytes });
}

export const isLarge = (bytes: Uint8Array): boolean => bytes.length >= OFF_THREAD_BYTES;

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new KayentaError(`the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

export interface ThreadTask {
  readonly task: 'parse' | 'judge';
  readonly bytes: Uint8Array;
}

export type ThreadAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

function inThread(task: ThreadTask): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./large-body-thread.ts', import.meta.url), { workerData: task });
    worker.once('message', (answer: ThreadAnswer) => {
      if (answer.ok) resolve(answer.value);
      else reject(new KayentaError(answer.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that reads large bodies ended with ${code}`)));
  });
}
