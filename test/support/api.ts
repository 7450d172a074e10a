/** The API over the memory store, without a port: what `app.inject` needs, and what a test may look at behind it. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { providerSchemas } from '../../providers/registry.ts';
import { createApp } from '../../services/api/app.ts';
import type { ApiDeps } from '../../services/api/deps.ts';
import { createNumbers } from '../../services/api/numbers.ts';
import type { Clock, Log, Measurer } from '../../services/engine/ports.ts';
import { embeddedQueue } from '../../services/queue/embedded.ts';
import { memoryStore } from '../../services/store/memory.ts';
import { TestClock } from './clock.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly deps: ApiDeps;
  readonly clock: Clock;
  readonly lines: readonly LogLine[];
  /** One request with a JSON body; the answer's body is parsed when it is JSON. */
  call(method: Method, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
  readonly text: string;
}

/** Nothing is measured: runs stay as they are unless a test changes them. */
const noMeasurer = new Proxy({} as Measurer, {
  get: () => () => {
    throw new Error('no provider is asked in this test');
  },
});

export async function testApi(overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const clock = overrides.clock ?? new TestClock();
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: fields as LogLine['fields'], message });
  };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const deps: ApiDeps = {
    store: memoryStore(),
    queue: embeddedQueue(clock),
    clock,
    log,
    secrets: { read: async () => undefined },
    measurer: noMeasurer,
    providerSchemas,
    numbers: createNumbers(),
    randomUuid: randomUUID,
    randomBytes: (size) => randomBytes(size),
    ...overrides,
  };
  const app = await createApp(deps);
  const call: TestApi['call'] = async (method, url, body, headers = {}) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const payload =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const answer = await app.inject({
      method,
      url,
      headers: { ...(payload === undefined ? {} : { 'content-type': type }), ...headers },
      ...(payload === undefined ? {} : { payload: payload as string | Buffer }),
    });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      body: isJson ? JSON.parse(answer.payload) : answer.payload,
    };
  };
  return { app, deps, clock, lines, call };
}

export const ANALYSIS = '/apis/argoproj.io/v1alpha1';

export function templateBody(name: string, more: object = {}): Record<string, unknown> {
  const metrics = [
    { name: 'errors', failureCondition: 'result > 5', provider: { web: { url: 'http://127.0.0.1:9/never' } } },
  ];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name },
    spec: { metrics },
    ...more,
  };
}

/** A run that a live engine leaves alone: it waits an hour before it measures. */
export function runBody(name: string, more: object = {}): Record<string, unknown> {
  const metrics = [
    {
      name: 'errors',
      initialDelay: '1h',
      failureCondition: 'result > 5',
      provider: { web: { url: 'http://127.0.0.1:9/never' } },
    },
  ];
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: { name }, spec: { metrics }, ...more };
}
