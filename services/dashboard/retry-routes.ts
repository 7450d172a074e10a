import type { RouteOptions } from 'fastify';
import Type, { type Static } from 'typebox';
import { retryRun } from '../engine/retry-run.ts';
import type { DashboardDeps } from './deps.ts';
import { readBody } from './read-body.ts';
import { change } from './route.ts';

const Retry = Type.Object({
  args: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ description: 'An argument that the run has.' }),
        value: Type.String({ description: 'Its new value.' }),
      }),
    ),
  ),
});

export function retryRoutes(deps: DashboardDeps): readonly RouteOptions[] {
  return [
    change(
      'POST',
      '/ui/api/runs/:namespace/:name/retry',
      {
        operationId: 'retryRun',
        summary: 'A new run from the spec of another, perhaps with other values for some arguments',
        requestExample: { args: [{ name: 'service', value: 'checkout' }] },
        example: { namespace: 'shop', name: 'errors-7k2fq.1' },
        errors: ['BadRequest', 'NotFound', 'Invalid'],
      },
      async (request) => {
        const { namespace, name } = request.params as { namespace: string; name: string };
        const { args } = readBody(request, Retry) as Static<typeof Retry>;
        const { metadata } = await retryRun(deps, `${namespace}/${name}`, args);
        request.run = `${namespace}/${metadata.name}`;
        return { namespace, name: metadata.name };
      },
    ),
  ];
}
