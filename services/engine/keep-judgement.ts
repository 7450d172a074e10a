import type { CanaryConfig, Thresholds } from '../domain/canary-config.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { MetricSetPair } from '../domain/metric-set.ts';
import type { Resource } from '../domain/resource.ts';
import { toJson } from '../judge/judge-request.ts';
import type { CanaryDeps, CanaryRecord } from './canary-provider.ts';
import { type Store, StoreError } from './ports.ts';

/** What a canary measurement compared and found, kept beside its run for reports and pages. Numbers that are no numbers are texts, as in JSON. */
export interface JudgementDocument extends Resource {
  readonly kind: 'Judgement';
  readonly run: string;
  readonly metric: string;
  readonly config: CanaryConfig;
  readonly thresholds: Thresholds;
  readonly judgement: Judgement;
  readonly pairs: readonly MetricSetPair[];
}

/** Keeps records under a name made of run, metric and attempt: a measurement that is taken again replaces its record. */
export function judgementKeeper(store: Store): NonNullable<CanaryDeps['keep']> {
  return async ({ run, metric, attempt }, record) => {
    const name = `${run.name}.${metric.name}.${attempt}`;
    const document = documentOf(run, metric.name, name, record);
    for (;;) {
      const key = { kind: 'Judgement', namespace: run.namespace, name } as const;
      const earlier = await store.get(key);
      try {
        if (earlier === undefined) await store.create(document);
        else await store.replace(document, earlier.metadata.resourceVersion ?? '');
        return name;
      } catch (error) {
        const raced = error instanceof StoreError && ['already-exists', 'conflict', 'not-found'].includes(error.code);
        if (!raced) throw error;
      }
    }
  };
}

function documentOf(
  run: { readonly uid: string; readonly name: string; readonly namespace: string },
  metric: string,
  name: string,
  record: CanaryRecord,
): JudgementDocument {
  const pairs = record.pairs.map(({ values, ...pair }) => ({
    ...pair,
    values: { control: [...values.control], experiment: [...values.experiment] },
  }));
  return {
    apiVersion: 'assay/v1',
    kind: 'Judgement',
    metadata: { name, namespace: run.namespace },
    run: run.name,
    metric,
    ...(toJson({ ...record, pairs }) as Pick<JudgementDocument, 'config' | 'thresholds' | 'judgement' | 'pairs'>),
  };
}

/** Forgets the records of runs that are gone; call it now and then. */
export async function removeOrphanJudgements({ store }: { readonly store: Store }): Promise<void> {
  const { items } = await store.list({ kind: 'Judgement' });
  for (const document of items as readonly JudgementDocument[]) {
    const { name, namespace = '' } = document.metadata;
    if ((await store.get({ kind: 'AnalysisRun', namespace, name: document.run })) !== undefined) continue;
    await store.remove({ kind: 'Judgement', namespace, name }).catch((error: unknown) => {
      if (!(error instanceof StoreError && error.code === 'not-found')) throw error;
    });
  }
}
