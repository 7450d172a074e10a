import { groupVersionPath, type ServedKind } from './kinds.ts';
import { readAccept } from './representation.ts';

/** What kubectl reads first: which kinds there are and what can be done with them, in the old form and in the aggregated one. */

/** The Kubernetes version whose API this speaks. kubectl warns when it is more than one minor version away from its own. */
const MINOR = '32';

export function version() {
  return {
    major: '1',
    minor: MINOR,
    gitVersion: `v1.${MINOR}.0+assay`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: `${process.platform}/${process.arch}`,
  };
}

const REVIEWS = { group: 'authorization.k8s.io', version: 'v1' } as const;
const REVIEW_KINDS = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'] as const;

interface DiscoveredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const reviews: readonly DiscoveredKind[] = REVIEW_KINDS.map((kind) => ({
  ...REVIEWS,
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  namespaced: false,
  verbs: ['create'],
}));

export interface DiscoveryAnswer {
  readonly type: string;
  readonly body: unknown;
}

export interface Discovery {
  /** `/api` and `/apis`, in the form that the Accept header asks for. */
  roots(path: '/api' | '/apis', accept: string | undefined): DiscoveryAnswer;
  /** The resources of a group version by path (`/api/v1`), and the one group by path (`/apis/argoproj.io`). */
  readonly documents: ReadonlyMap<string, unknown>;
}

export function discovery(kinds: readonly ServedKind[]): Discovery {
  const all: readonly DiscoveredKind[] = [...kinds, ...reviews];
  const groups = [...Map.groupBy(all, ({ group }) => group).entries()];
  const documents = new Map<string, unknown>();
  for (const [group, members] of groups) {
    const version = members[0]?.version ?? '';
    documents.set(groupVersionPath({ group, version } as ServedKind), resourceList(group, version, members));
    if (group !== '')
      documents.set(`/apis/${group}`, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, version) });
  }
  const named = groups.filter(([group]) => group !== '');
  const old = {
    '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
    '/apis': {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: named.map(([group, members]) => groupOf(group, members[0]?.version ?? '')),
    },
  };
  return {
    documents,
    roots(path, accept) {
      const aggregated = aggregatedVersion(accept);
      if (aggregated === undefined) return { type: 'application/json', body: old[path] };
      const shown = groups.filter(([group]) => (path === '/api') === (group === ''));
      return {
        // The client decides by these parameters which form it got.
        type: `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`,
        body: {
          kind: 'APIGroupDiscoveryList',
          apiVersion: `apidiscovery.k8s.io/${aggregated}`,
          metadata: {},
          items: shown.map(([group, members]) => aggregatedGroup(group, members)),
        },
      };
    },
  };
}

function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of readAccept(accept)) {
    if (type !== 'application/json') continue;
    if (parameters['as'] === undefined) return undefined;
    const { g, v, as } = parameters;
    if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

function groupOf(group: string, version: string) {
  const versionOf = { groupVersion: `${group}/${version}`, version };
  return { name: group, versions: [versionOf], preferredVersion: versionOf };
}

function resourceList(group: string, version: string, members: readonly DiscoveredKind[]) {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: members.map(({ plural, singular, namespaced, kind, verbs, shortNames }) => ({
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
    })),
  };
}

function aggregatedGroup(group: string, members: readonly DiscoveredKind[]) {
  const version = members[0]?.version ?? '';
  return {
    metadata: group === '' ? {} : { name: group },
    versions: [
      {
        version,
        freshness: 'Current',
        resources: members.map(({ plural, singular, namespaced, kind, verbs, shortNames }) => ({
          resource: plural,
          responseKind: { group, version, kind },
          scope: namespaced ? 'Namespaced' : 'Cluster',
          singularResource: singular,
          verbs,
          ...(shortNames.length > 0 ? { shortNames } : {}),
        })),
      },
    ],
  };
}
