import type { AnalysisRun } from '../../domain/run.ts';
import { RETRY_OF } from '../../engine/retry-run.ts';
import { EXIT, type RunCommand } from '../command.ts';
import { type Server, ServerRefusal, serverOf } from '../server.ts';

/** A name that is still taken after this many tries belongs to somebody who makes names faster than this command. */
const MOST_RETRIES = 1000;

export const run: RunCommand = async (input) => {
  const server = serverOf(input);
  const { body } = await server.request('GET', server.pathOf('analysisruns', input.positionals[0]!));
  const name = await createFirstFree(server, body as AnalysisRun);
  process.stdout.write(`analysisrun.argoproj.io/${name} created\n`);
  return EXIT.Successful;
};

async function createFirstFree(server: Server, old: AnalysisRun): Promise<string> {
  const { labels, annotations, ownerReferences } = old.metadata;
  const first = annotations?.[RETRY_OF] ?? old.metadata.name;
  const { terminate: _terminate, ...spec } = old.spec;
  for (let attempt = 1; ; attempt += 1) {
    const name = `${first}.${attempt}`;
    const metadata = {
      name,
      ...(labels && { labels }),
      annotations: { ...annotations, [RETRY_OF]: first },
      ...(ownerReferences && { ownerReferences }),
    };
    try {
      await server.request('POST', server.pathOf('analysisruns'), {
        body: { apiVersion: old.apiVersion, kind: old.kind, metadata, spec },
      });
      return name;
    } catch (error) {
      if (!(error instanceof ServerRefusal) || error.status !== 409 || attempt === MOST_RETRIES) throw error;
    }
  }
}
