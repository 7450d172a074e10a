import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { reasonOf } from '../../analysis/reason.ts';
import { durationMs } from '../../domain/duration.ts';
import { CallerError } from '../../domain/errors.ts';
import { isCompleted } from '../../domain/phase.ts';
import { ANALYSIS_API_VERSION, epochMs, rfc3339 } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import { createRun } from '../../engine/create-run.ts';
import { StoreError } from '../../engine/ports.ts';
import type { ApiDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import type { ServedKind } from '../resources/kinds.ts';
import { isJsonObject, Query, readBody } from '../resources/request.ts';
import { waitForVerdict } from '../resources/wait.ts';
import { sendText } from '../send.ts';

/** Flagger's webhooks give up after ten seconds unless their `timeout` says otherwise. */
const WAIT = '8s';
/** Somebody who goes on with a rollout asks every few minutes at most; after a pause as long as this a revision is rolled out anew. */
const PAUSE_MS = 60 * 60_000;
const NOTED_EVERY_MS = 5 * 60_000;
const ASKED_AT = 'assay/flagger-asked-at';
const CANARY = 'assay/flagger-canary';
/** Names end with `-` and 12 characters, and perhaps a number. */
const LONGEST_NAME = 230;
const MOST_ROUNDS = 1000;
/** Flagger goes on at 200 to 202 and halts at everything else, with the body as its reason. */
const GO_ON = 200;
const SO_FAR = 202;
const HALT = 412;
const NOT_YET = 425;

const HOOKS = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
] as const;

interface Call {
  readonly namespace: string;
  readonly template: string;
  readonly clusterScope: boolean;
  readonly hook: string;
  readonly canary: string;
  readonly checksum: string;
  readonly phase: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const text = (name: string, place: 'path' | 'query', description: string, schema: object = { type: 'string' }) => ({
  name,
  in: place,
  description,
  schema: schema as Readonly<Record<string, unknown>>,
});
const plain = (description: string, example: string) => ({ description, types: ['text/plain'], example });

const operation: Operation = {
  operationId: 'gateFlaggerCanary',
  summary: "Whether a Flagger Canary may go on, by a template: Flagger's webhook contract",
  description:
    "The first call for a revision starts a run of the template, with the webhook's metadata as arguments; later ones ask for the same run. Answers 200 when it is Successful. As the hook `rollout` it also answers 202 while the run has not ended; as `rollback` it answers 200 when the run Failed. Everything else is no reason to go on, and the body says why.",
  tag: 'flagger',
  parameters: [
    text('namespace', 'path', 'Namespace of the template and its runs.'),
    text('template', 'path', 'Name of the template.'),
    text('hook', 'query', "The webhook's type, which Flagger's payload does not say.", {
      type: 'string',
      enum: [...HOOKS],
    }),
    text('clusterScope', 'query', 'true: a ClusterAnalysisTemplate.'),
    text('wait', 'query', `How long to wait for the verdict, below the webhook's timeout; ${WAIT} when absent.`),
  ],
  request: {
    description: "Flagger's payload.",
    types: ['application/json'],
    schema: { type: 'object' },
    example: {
      name: 'podinfo',
      namespace: 'test',
      phase: 'Progressing',
      checksum: '85d557f47b',
      metadata: { service: 'podinfo-canary.test' },
    },
  },
  answers: {
    200: plain('Go on.', 'Metric "errors" Successful: value 0; failureCondition "result > 0.1" was false; 1 sample'),
    202: plain(
      'Go on; nothing has failed so far.',
      'Running since 2026-01-01T00:00:00Z: 3 samples; 0 of 1 metrics complete',
    ),
    412: plain(
      'Halt: the run ended otherwise.',
      'Metric "errors" Failed: value 0.3; failureCondition "result > 0.1" was true; 1 sample',
    ),
    425: plain(
      'Halt: there is no verdict yet.',
      'Running since 2026-01-01T00:00:00Z: 3 samples; 0 of 1 metrics complete',
    ),
  },
  errors: ['BadRequest', 'Invalid', 'UnsupportedMediaType', 'RequestEntityTooLarge'],
};

/** For Flagger. `runs` is the served kind of AnalysisRun. */
export function addFlaggerRoutes(app: FastifyInstance, deps: ApiDeps, runs: ServedKind, stopping: AbortSignal): void {
  app.route({
    method: 'POST',
    url: '/flagger/:namespace/:template',
    config: { operation },
    handler: async (request, reply) => {
      const call = readCall(request);
      const waitMs = readWait(new Query(request).text('wait') ?? WAIT);
      const { name } = (await currentRun(deps, call)).metadata;
      request.run = `${call.namespace}/${name}`;
      const run = await waitForVerdict(deps, runs, call.namespace, name, waitMs, reply, stopping);
      return answer(reply, run as AnalysisRun, call.hook);
    },
  });
}

function answer(reply: FastifyReply, run: AnalysisRun, hook: string): FastifyReply {
  const { phase } = run.status ?? {};
  const wanted = hook === 'rollback' ? 'Failed' : 'Successful';
  const status = phase === wanted ? GO_ON : isCompleted(phase) ? HALT : hook === 'rollout' ? SO_FAR : NOT_YET;
  return sendText(reply.code(status), 'text/plain; charset=utf-8', `${reasonOf(run).sentence}\n`);
}

function readCall(request: FastifyRequest): Call {
  const { namespace, template } = request.params as { namespace: string; template: string };
  const query = new Query(request);
  const { value } = readBody(request);
  const word = (field: string): string => (typeof value[field] === 'string' ? value[field] : '');
  const metadata = isJsonObject(value['metadata']) ? value['metadata'] : {};
  const hook = query.text('hook') ?? word('type');
  const causes = [
    ...['name', 'namespace'].filter((field) => word(field) === '').map((field) => cause(field, 'Required value')),
    ...(word('checksum') === '' ? [cause('checksum', 'Required value: it tells revisions apart')] : []),
    ...(hook === '' || (HOOKS as readonly string[]).includes(hook)
      ? []
      : [cause('hook', `Unsupported value: "${hook}": supported values: ${HOOKS.join(', ')}`)]),
    ...Object.entries(metadata)
      .filter(([, each]) => typeof each !== 'string')
      .map(([name]) => cause(`metadata.${name}`, 'Invalid value: must be text')),
  ];
  if (causes.length > 0)
    throw new CallerError('invalid', causes.map(({ field, message }) => `${field}: ${message}`).join('; '), causes);
  return {
    namespace,
    template,
    clusterScope: query.text('clusterScope') === 'true',
    hook,
    canary: `${word('namespace')}/${word('name')}`,
    checksum: word('checksum'),
    phase: word('phase'),
    metadata: metadata as Readonly<Record<string, string>>,
  };
}

const cause = (field: string, message: string) => ({ field, message });

function readWait(wait: string): number {
  try {
    return Math.max(0, durationMs(wait));
  } catch (error) {
    throw new CallerError('invalid', `wait: ${(error as Error).message}`);
  }
}

/** The run of this revision: found again by its name, or begun. A completed one that nobody has asked for in a while belongs to an earlier rollout. */
async function currentRun(deps: ApiDeps, call: Call): Promise<AnalysisRun> {
  const first = nameOf(call);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const name = round === 0 ? first : `${first}.${round}`;
    const found = (await storedRun(deps, call, name)) ?? (await begin(deps, call, name));
    const idleMs = deps.clock.now() - (epochMs(found.metadata.annotations?.[ASKED_AT]) ?? 0);
    if (isCompleted(found.status?.phase) && idleMs > PAUSE_MS) continue;
    return idleMs > NOTED_EVERY_MS ? noteAsked(deps, found) : found;
  }
  throw new CallerError('already-exists', `"${first}" to "${first}.${MOST_ROUNDS}" are taken`);
}

async function storedRun({ store }: ApiDeps, { namespace }: Call, name: string): Promise<AnalysisRun | undefined> {
  return (await store.get({ kind: 'AnalysisRun', namespace, name })) as AnalysisRun | undefined;
}

async function begin(deps: ApiDeps, call: Call, name: string): Promise<AnalysisRun> {
  try {
    return await createRun(deps, {
      apiVersion: ANALYSIS_API_VERSION,
      kind: 'AnalysisRun',
      metadata: {
        name,
        namespace: call.namespace,
        annotations: { [CANARY]: call.canary, [ASKED_AT]: rfc3339(deps.clock.now()) },
      },
      spec: {
        templates: [{ templateName: call.template, clusterScope: call.clusterScope }],
        args: Object.entries(call.metadata).map(([argument, value]) => ({ name: argument, value })),
      },
    });
  } catch (error) {
    // Another call was faster.
    const other = error instanceof StoreError ? await storedRun(deps, call, name) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

/** Whoever writes at the same time notes or does something better; the next call tries again. */
async function noteAsked({ store, clock }: ApiDeps, run: AnalysisRun): Promise<AnalysisRun> {
  const annotations = { ...run.metadata.annotations, [ASKED_AT]: rfc3339(clock.now()) };
  try {
    const noted = { ...run, metadata: { ...run.metadata, annotations } };
    return (await store.replace(noted, run.metadata.resourceVersion ?? '')) as AnalysisRun;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return run;
    throw error;
  }
}

/** One for each canary, revision, template and set of arguments; what is asked after the rollout is another question than what is asked during it. */
function nameOf(call: Call): string {
  const isOver = call.hook === 'post-rollout' || ['Succeeded', 'Failed'].includes(call.phase);
  const metadata = Object.entries(call.metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const identity = [call.canary, call.checksum, call.template, call.clusterScope, metadata, isOver];
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12);
  const canary = call.canary.split('/')[1] ?? '';
  return `${canary.slice(0, LONGEST_NAME).replace(/[^a-z0-9]+$/u, '')}-${hash}`;
}
