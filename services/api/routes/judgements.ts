import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../resources/status.ts';
import { sendJson } from '../send.ts';

const KIND = { group: '', kind: 'Judgement', plural: 'judgements' };

const EXAMPLE = {
  kind: 'Judgement',
  metadata: { name: 'shop-canary:errors:1', namespace: 'default' },
  run: 'shop-canary',
  metric: 'errors',
  attempt: 1,
  thresholds: { pass: 95, marginal: 75 },
  judgement: {
    judgeName: 'NetflixACAJudge-v1.0',
    score: { score: 100, classification: 'Pass', classificationReason: '' },
  },
};

/** What a `canary` measurement compared and found; the measurement's metadata says the name under `judgement`. */
export function addJudgementRoutes(app: FastifyInstance, { store }: ApiDeps): void {
  const text = (name: string, description: string) => ({
    name,
    in: 'path' as const,
    description,
    schema: { type: 'string' },
  });
  app.route({
    method: 'GET',
    url: '/judgements/:namespace/:name',
    config: {
      operation: {
        operationId: 'readJudgement',
        summary: 'The samples and the judgement of one measurement of a canary metric',
        tag: 'analysis',
        parameters: [
          text('namespace', 'Namespace of the run.'),
          text('name', "What the measurement's metadata says under judgement."),
        ],
        answers: {
          200: {
            description: 'Config, thresholds, samples and judgement; NaN and infinities are texts.',
            schema: { type: 'object' },
            example: EXAMPLE,
          },
        },
        errors: ['NotFound'],
      },
    },
    handler: async (request, reply) => {
      const { namespace, name } = request.params as { namespace: string; name: string };
      const document = await store.get({ kind: 'Judgement', namespace, name });
      if (document === undefined) throw notFound(KIND, name);
      return sendJson(reply, document);
    },
  });
}
