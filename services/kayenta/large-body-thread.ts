import { parentPort, workerData } from 'node:worker_threads';
import { CallerError } from '../domain/errors.ts';
import { answerJudgeRequest } from '../judge/judge-request.ts';
import type { ThreadAnswer, ThreadTask } from './large-body.ts';

const { task, bytes } = workerData as ThreadTask;

function answer(): ThreadAnswer {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return { ok: false, message: `the body is not JSON: ${(error as Error).message}` };
  }
  if (task === 'parse') return { ok: true, value: json };
  try {
    return { ok: true, value: answerJudgeRequest(json) };
  } catch (error) {
    if (error instanceof CallerError) return { ok: false, message: error.message };
    throw error;
  }
}

parentPort?.postMessage(answer());
