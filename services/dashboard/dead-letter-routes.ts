import type { FastifyRequest, RouteOptions } from 'fastify';
import { CallerError } from '../domain/errors.ts';
import type { DeadLetters } from './dead-letters.ts';
import { change, read } from './route.ts';

const MOST_LETTERS = 200;

/** Notifications that were given up: to see, send again and forget. */
export function deadLetterRoutes(letters: DeadLetters): readonly RouteOptions[] {
  const act = (verb: 'retry' | 'dismiss') => async (request: FastifyRequest) => {
    const { namespace, name } = request.params as { namespace: string; name: string };
    if (await letters[verb](namespace, name)) return { namespace, name };
    throw new CallerError('not-found', `there is no dead letter "${namespace}/${name}" any more`);
  };
  const example = { namespace: 'shop', name: 'errors-7k2fq.0a1b' };
  return [
    read(
      '/ui/api/dead-letters',
      {
        operationId: 'listDeadLetters',
        summary: 'Notifications that were given up, newest first',
        example: { total: 0, letters: [] },
      },
      () => letters.list(MOST_LETTERS),
    ),
    change(
      'POST',
      '/ui/api/dead-letters/:namespace/:name/retry',
      { operationId: 'retryDeadLetter', summary: 'Send a notification again', example, errors: ['NotFound'] },
      act('retry'),
    ),
    change(
      'DELETE',
      '/ui/api/dead-letters/:namespace/:name',
      { operationId: 'dismissDeadLetter', summary: 'Forget a notification', example, errors: ['NotFound'] },
      act('dismiss'),
    ),
  ];
}
