import type { CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import type { Resource } from '../domain/resource.ts';
import { toJson } from '../judge/judge-request.ts';
import type { CanaryRecords } from './canary-provider.ts';
import { type Store, StoreError } from './ports.ts';

/** What a canary measurement compared and found, kept beside its run for reports and pages. Numbers that are no numbers are texts, as in JSON. */
export interface JudgementDocument extends Resource {
  readonly kind: 'Judgement';
  readonly run: string;
  readonly metric: string;
  readonly attempt: number;
  readonly config: CanaryConfig;
  readonly thresholds: Thresholds;
  readonly judgement: Judgement;
  readonly pairs: readonly MetricSetPair[];
}

/** Named after run, metric and attempt. No name of a run holds a colon, so that no two measurements share a name. */
export function judgementRecords(store: Store): CanaryRecords {
  return {
    async keep({ run, metric, attempt }, record) {
      const name = `${run.name}:${metric.name}:${attempt}`;
      const document: JudgementDocument = {
        apiVersion: 'assay/v1',
        kind: 'Judgement',
        metadata: { name, namespace: run.namespace },
        run: run.name,
        metric: metric.name,
        attempt,
        ...(toJson({ ...record, pairs: record.pairs.map(plainPair) }) as Pick<
          JudgementDocument,
          'config' | 'thresholds' | 'judgement' | 'pairs'
        >),
      };
      await put(store, document);
      return name;
    },
    async forget(namespace, names) {
      for (const name of names) await removeRecord(store, namespace, name);
    },
  };
}

const plainPair = ({ values: { control, experiment }, ...pair }: MetricSetPair) => ({
  ...pair,
  values: { control: [...control], experiment: [...experiment] },
});

/** Creates or replaces; whoever comes last wins. */
async function put(store: Store, document: JudgementDocument): Promise<void> {
  const { name, namespace = '' } = document.metadata;
  for (;;) {
    const earlier = await store.get({ kind: 'Judgement', namespace, name });
    try {
      if (earlier === undefined) await store.create(document);
      else await store.replace(document, earlier.metadata.resourceVersion ?? '');
      return;
    } catch (error) {
      const isRaced = error instanceof StoreError && ['already-exists', 'conflict', 'not-found'].includes(error.code);
      if (!isRaced) throw error;
    }
  }
}

async function removeRecord(store: Store, namespace: string, name: string): Promise<void> {
  try {
    await store.remove({ kind: 'Judgement', namespace, name });
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'not-found')) throw error;
  }
}

/** Forgets the records of runs that are gone; call it now and then. */
export async function removeOrphanJudgements({ store }: { readonly store: Store }): Promise<void> {
  for await (const judgements of store.walk({ kind: 'Judgement' }))
    for (const { metadata, run } of judgements as readonly JudgementDocument[]) {
      const { name, namespace = '' } = metadata;
      const owner = await store.get({ kind: 'AnalysisRun', namespace, name: run });
      if (owner === undefined) await removeRecord(store, namespace, name);
    }
}
