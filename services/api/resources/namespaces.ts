import { dnsLabel } from '../../admission/names.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Kind, Store } from '../../engine/ports.ts';

const NAMESPACED_KINDS: readonly Kind[] = ['AnalysisRun', 'AnalysisTemplate', 'Event'];

/** Namespaces exist by being named: this is one that nobody wrote anything about. It has no version. */
export function virtualNamespace(name: string): Resource | undefined {
  if (dnsLabel(name) !== undefined) return undefined;
  return completeNamespace({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** What every namespace says of itself. */
export function completeNamespace<T extends Resource>(namespace: T): T {
  return { ...namespace, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
}

/** `default`, those in use and those that something was written about, in order of name. */
export async function listNamespaces(store: Store): Promise<Resource[]> {
  const stored = (await store.list({ kind: 'Namespace' })).items;
  const found = new Map(stored.map((namespace) => [namespace.metadata.name, namespace]));
  const names = new Set(['default']);
  // A walk holds one portion at a time; all runs and Events at once are more than one answer should keep in memory.
  for (const kind of NAMESPACED_KINDS)
    for await (const portion of store.walk({ kind }))
      for (const { metadata } of portion) if (metadata.namespace) names.add(metadata.namespace);
  for (const name of names) {
    const namespace = found.has(name) ? undefined : virtualNamespace(name);
    if (namespace !== undefined) found.set(name, namespace);
  }
  return [...found.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
