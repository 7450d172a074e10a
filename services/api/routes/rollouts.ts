import type { FastifyInstance } from 'fastify';
import { newObjectMeta } from '../../admission/object-meta.ts';
import { type CollectedTemplates, collectTemplates, TemplateRefError } from '../../analysis/collect-templates.ts';
import { adviseRollout, analysisAt, type RolloutAdvice, type RolloutQuestion } from '../../analysis/rollout/advise.ts';
import { controllerOf } from '../../analysis/rollout/resolve-collision.ts';
import { templatesPath } from '../../analysis/rollout/validate-templates.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AnalysisRun } from '../../domain/run.ts';
import type { AnalysisTemplate } from '../../domain/template.ts';
import { warningHeaders } from '../../domain/warning-header.ts';
import { createRun } from '../../engine/create-run.ts';
import { notingTemplates } from '../../engine/made-from.ts';
import { StoreError } from '../../engine/ports.ts';
import { terminateRun } from '../../engine/terminate-run.ts';
import type { ApiDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';
import { adviceOn } from '../resources/advice.ts';
import { readDryRun } from '../resources/findings.ts';
import type { ServedKind } from '../resources/kinds.ts';
import { removeOne } from '../resources/remove.ts';
import { Query, readBody } from '../resources/request.ts';
import { invalid, StatusError } from '../resources/status.ts';
import { sendJson } from '../send.ts';
import { readRolloutQuestion, rolloutQuestionSchema } from './rollout-question.ts';

const ROLLOUT = { group: 'argoproj.io', kind: 'Rollout', plural: 'rollouts' };
/** Somebody else may create the run between reading and writing; then there is one, and the question is asked anew. */
const TRIES = 3;

const EXAMPLE = {
  point: 'Step',
  rollout: {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: 'checkout',
      namespace: 'shop',
      uid: '5b0c1f9e-7a53-4e0a-8f43-1a2b3c4d5e6f',
      annotations: { 'rollout.argoproj.io/revision': '2' },
    },
    spec: { strategy: { canary: { steps: [{ analysis: { templates: [{ templateName: 'success-rate' }] } }] } } },
    status: { currentPodHash: 'new', stableRS: 'old', currentStepIndex: 0 },
  },
};

const operation: Operation = {
  operationId: 'adviseRollout',
  summary: 'Which run a Rollout has at a point of its strategy, and what it means for the Rollout',
  description:
    'Creates the run when the point needs one, asks runs that are no longer current to stop, and deletes old ones. Asking again changes nothing until the Rollout or the run has changed. With dryRun=All nothing is written.',
  tag: 'rollouts',
  parameters: [
    { name: 'namespace', in: 'path', description: 'Namespace of the Rollout.', schema: { type: 'string' } },
    { name: 'dryRun', in: 'query', description: 'All: only advise.', schema: { type: 'string', enum: ['All'] } },
  ],
  request: {
    description: 'The Rollout and where it stands.',
    types: ['application/json', 'application/yaml'],
    schema: rolloutQuestionSchema as Readonly<Record<string, unknown>>,
    example: EXAMPLE,
  },
  answers: {
    200: {
      description:
        'The verdict (advance, continue, wait, pause, abort), the run, and what the Rollout should remember.',
      schema: { type: 'object' },
      example: {
        verdict: { action: 'wait' },
        reason: 'no run yet',
        create: true,
        terminate: [],
        delete: [],
        event: null,
        run: {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'AnalysisRun',
          metadata: { name: 'checkout-new-2-0', namespace: 'shop' },
        },
      },
    },
  },
  errors: ['BadRequest', 'RequestEntityTooLarge', 'UnsupportedMediaType', 'Invalid'],
};

/** For rollout controllers: one call a reconciliation. `runs` is the served kind of AnalysisRun. */
export function addRolloutRoutes(app: FastifyInstance, deps: ApiDeps, runs: ServedKind): void {
  app.route({
    method: 'POST',
    url: '/rollouts/:namespace/analysisruns',
    config: { operation },
    handler: async (request, reply) => {
      const { namespace } = request.params as { namespace: string };
      const { question, causes } = readRolloutQuestion(readBody(request).value);
      const name = question.rollout?.metadata?.name ?? '';
      if (causes.length > 0) throw invalid(ROLLOUT, typeof name === 'string' ? name : '', causes);
      const { metadata } = question.rollout;
      if (metadata.namespace && metadata.namespace !== namespace)
        throw new StatusError(
          'BadRequest',
          'the namespace of the rollout does not match the namespace sent on the request',
        );
      const placed = { ...question, rollout: { ...question.rollout, metadata: { ...metadata, namespace } } };
      const dryRun = readDryRun(ROLLOUT, new Query(request).text('dryRun'));
      const { advice, warnings } = await carryOut(deps, runs, placed, dryRun);
      if (advice.run !== undefined) request.run = `${namespace}/${advice.run.metadata.name}`;
      if (warnings.length > 0) reply.header('Warning', warningHeaders(warnings));
      return sendJson(reply, advice);
    },
  });
}

async function carryOut(
  deps: ApiDeps,
  kind: ServedKind,
  question: RolloutQuestion,
  dryRun: boolean,
): Promise<{ advice: RolloutAdvice; warnings: readonly string[] }> {
  for (let tries = 1; ; tries += 1) {
    const advice = await ask(deps, question);
    const warnings = advice.create && advice.run !== undefined ? await adviceOn(advice.run) : [];
    if (dryRun) return { advice, warnings };
    try {
      const run =
        advice.create && advice.run !== undefined
          ? await createRun(deps, bornRun(deps, advice.run, await templatesOf(deps, question)))
          : advice.run;
      const { namespace = '' } = question.rollout.metadata;
      for (const name of advice.terminate) await terminateRun(deps, `${namespace}/${name}`);
      for (const name of advice.delete) await removeOne(deps, kind, namespace, name, { dryRun: false });
      return { advice: run === undefined ? advice : { ...advice, run }, warnings };
    } catch (error) {
      const lostRace =
        (error instanceof StoreError && error.code === 'already-exists') ||
        (error instanceof StatusError && error.reason === 'NotFound');
      if (!lostRace || tries === TRIES) throw error;
    }
  }
}

async function ask(deps: ApiDeps, question: RolloutQuestion): Promise<RolloutAdvice> {
  const { name, namespace = '', uid } = question.rollout.metadata;
  const isRelated = ({ metadata }: Resource) =>
    metadata.name.startsWith(`${name}-`) || controllerOf(metadata)?.uid === uid;
  const { items } = await deps.store.list({ kind: 'AnalysisRun', namespace, matches: isRelated });
  const templates = await templatesOf(deps, question);
  try {
    return adviseRollout(question, { runs: items as readonly AnalysisRun[], templates });
  } catch (error) {
    if (error instanceof TypeError) throw error;
    // Argo's words for a run that cannot be built: an argument nobody gives, two metrics of one name.
    throw invalid(ROLLOUT, name, [{ field: templatesField(question), message: (error as Error).message }]);
  }
}

async function templatesOf(deps: ApiDeps, question: RolloutQuestion): Promise<CollectedTemplates> {
  const { name, namespace = '' } = question.rollout.metadata;
  const refs = analysisAt(question.rollout, question.point)?.templates ?? [];
  const find = async ({ templateName, clusterScope }: { templateName: string; clusterScope: boolean }) => {
    const key = clusterScope
      ? { kind: 'ClusterAnalysisTemplate' as const, namespace: '', name: templateName }
      : { kind: 'AnalysisTemplate' as const, namespace, name: templateName };
    return (await deps.store.get(key)) as AnalysisTemplate | undefined;
  };
  try {
    return await collectTemplates(refs, find);
  } catch (error) {
    if (!(error instanceof TemplateRefError)) throw error;
    throw invalid(ROLLOUT, name, [{ field: `${templatesField(question)}[${error.index}]`, message: error.message }]);
  }
}

function bornRun(deps: ApiDeps, run: AnalysisRun, from: CollectedTemplates): AnalysisRun {
  const { namespace = '' } = run.metadata;
  const noted = notingTemplates(run.metadata, [...from.templates, ...from.clusterTemplates]);
  const { metadata, causes } = newObjectMeta(noted, {
    namespace,
    now: deps.clock.now(),
    uid: deps.randomUuid(),
    random: deps.randomBytes(5),
  });
  if (causes.length > 0)
    throw invalid({ group: 'argoproj.io', kind: 'AnalysisRun', plural: 'analysisruns' }, metadata.name, causes);
  return { ...run, metadata };
}

function templatesField({ point, rollout }: RolloutQuestion): string {
  return templatesPath(point, rollout.status?.currentStepIndex);
}
