/** The metadata every Kubernetes object carries; only what Assay reads or writes is typed. Times are RFC 3339 in whole seconds, UTC. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any object of the resource API. `namespace` is absent for cluster-scoped kinds. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export const ANALYSIS_API_VERSION = 'argoproj.io/v1alpha1';

/** `2026-01-01T00:00:00Z`: Kubernetes stores whole seconds, so the fraction is cut, not rounded. */
export function rfc3339(epochMs: number): string {
  return `${new Date(Math.floor(epochMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Epoch milliseconds of an RFC 3339 time; undefined when there is none, or none that can be read (`status` is writable by callers). */
export function epochMs(time: string | undefined | null): number | undefined {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
