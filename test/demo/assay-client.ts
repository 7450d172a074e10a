/** The few calls of Assay's Kubernetes API that the demo makes, as any HTTP client would. */
import type { AnalysisRun } from '../../services/domain/run.ts';

const GROUP = '/apis/argoproj.io/v1alpha1/namespaces/default';

/** Creates a resource from YAML or JSON text; throws with the answer's message when it is refused. */
export async function create(assayUrl: string, plural: string, body: string): Promise<void> {
  const answer = await fetch(`${assayUrl}${GROUP}/${plural}`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    body,
  });
  if (!answer.ok) throw new Error(`${plural}: ${((await answer.json()) as { message: string }).message}`);
}

/** Every state of the namespace's runs, from now on, until the signal ends it. */
export async function* watchRuns(assayUrl: string, signal: AbortSignal): AsyncGenerator<AnalysisRun> {
  const answer = await fetch(`${assayUrl}${GROUP}/analysisruns?watch=true`, { signal });
  let rest = '';
  for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield (JSON.parse(line) as { object: AnalysisRun }).object;
  }
  throw new Error('the watch ended early');
}
