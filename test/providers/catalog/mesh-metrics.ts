/**
 * Ten minutes of what meshes and ingresses report of their traffic: the real names and labels of their counters and histograms, for a canary that answers well, one that
 * fails every request slowly, and one that gets no request any more. Beside each stands the stable version with the opposite fate, which no template may pick up.
 */

export type Traffic = 'good' | 'bad' | 'idle' | 'absent';

type Labels = Readonly<Record<string, string>>;

export interface Collector {
  readonly mesh: string;
  /** The template's arguments for the canary with this traffic. */
  args(traffic: Traffic): Labels;
  /** Counter of requests: labels of a canary's series, and those that say whether it succeeded. */
  readonly requests: { readonly name: string; canary(traffic: Traffic): Labels; stable(traffic: Traffic): Labels };
  readonly outcome: { readonly ok: Labels; readonly failed: Labels };
  /** Histogram of durations, with the labels of the counter. */
  readonly durations: { readonly name: string; readonly unit: 'milliseconds' | 'seconds' };
}

const START = Date.parse('2026-01-01T00:00:00Z') / 1000;
const STEP = 15;
const STEPS = 40;
/** Epoch milliseconds of the last sample. */
export const END = (START + STEP * STEPS) * 1000;

const envoy = {
  requests: 'envoy_cluster_upstream_rq',
  durations: { name: 'envoy_cluster_upstream_rq_time', unit: 'milliseconds' },
  outcome: { ok: { envoy_response_code: '200' }, failed: { envoy_response_code: '503' } },
} as const;

export const COLLECTORS: readonly Collector[] = [
  {
    mesh: 'istio',
    args: (traffic) => ({ service: `${traffic}-canary`, namespace: 'shop' }),
    requests: {
      name: 'istio_requests_total',
      canary: (traffic) => istio(`${traffic}-canary`),
      stable: (traffic) => istio(`${traffic}-stable`),
    },
    outcome: {
      ok: { response_code: '200', response_flags: '-' },
      failed: { response_code: '503', response_flags: 'UH' },
    },
    durations: { name: 'istio_request_duration_milliseconds', unit: 'milliseconds' },
  },
  {
    mesh: 'linkerd',
    args: (traffic) => ({ pod: `${traffic}-6d5f7c-.*`, namespace: 'shop' }),
    requests: {
      name: 'response_total',
      canary: (traffic) => ({ namespace: 'shop', pod: `${traffic}-6d5f7c-x2x4z`, direction: 'inbound', tls: 'true' }),
      stable: (traffic) => ({ namespace: 'shop', pod: `${traffic}-78bb9c-k9k8j`, direction: 'inbound', tls: 'true' }),
    },
    outcome: {
      ok: { classification: 'success', status_code: '200' },
      failed: { classification: 'failure', status_code: '500' },
    },
    durations: { name: 'response_latency_ms', unit: 'milliseconds' },
  },
  {
    mesh: 'nginx',
    args: (traffic) => ({ ingress: traffic, namespace: 'shop', canary: `shop-${traffic}-canary-80` }),
    requests: {
      name: 'nginx_ingress_controller_requests',
      canary: (traffic) => nginx(traffic, `shop-${traffic}-canary-80`),
      stable: (traffic) => nginx(traffic, ''),
    },
    outcome: { ok: { status: '200' }, failed: { status: '502' } },
    durations: { name: 'nginx_ingress_controller_response_duration_seconds', unit: 'seconds' },
  },
  {
    mesh: 'contour',
    args: (traffic) => ({ service: `${traffic}-canary`, namespace: 'shop' }),
    requests: {
      name: envoy.requests,
      canary: (traffic) => ({ envoy_cluster_name: `shop_${traffic}-canary_80` }),
      stable: (traffic) => ({ envoy_cluster_name: `shop_${traffic}_80` }),
    },
    outcome: envoy.outcome,
    durations: envoy.durations,
  },
  {
    mesh: 'ambassador',
    args: (traffic) => ({ cluster: `cluster_${traffic}_canary_.*` }),
    requests: {
      name: envoy.requests,
      canary: (traffic) => ({ envoy_cluster_name: `cluster_${traffic}_canary_shop_shop` }),
      stable: (traffic) => ({ envoy_cluster_name: `cluster_${traffic}_stable_shop_shop` }),
    },
    outcome: envoy.outcome,
    durations: envoy.durations,
  },
  {
    mesh: 'envoy',
    args: (traffic) => ({ cluster: `outbound-${traffic}-canary` }),
    requests: {
      name: envoy.requests,
      canary: (traffic) => ({ envoy_cluster_name: `outbound-${traffic}-canary` }),
      stable: (traffic) => ({ envoy_cluster_name: `outbound-${traffic}` }),
    },
    outcome: envoy.outcome,
    durations: envoy.durations,
  },
  {
    mesh: 'traefik',
    args: (traffic) => ({ service: `shop-${traffic}-canary-80@kubernetescrd` }),
    requests: {
      name: 'traefik_service_requests_total',
      canary: (traffic) => ({ service: `shop-${traffic}-canary-80@kubernetescrd`, method: 'GET', protocol: 'http' }),
      stable: (traffic) => ({ service: `shop-${traffic}-80@kubernetescrd`, method: 'GET', protocol: 'http' }),
    },
    outcome: { ok: { code: '200' }, failed: { code: '500' } },
    durations: { name: 'traefik_service_request_duration_seconds', unit: 'seconds' },
  },
  {
    mesh: 'gateway-api',
    args: (traffic) => ({ pod: `${traffic}-6d5f7c-.*`, namespace: 'shop' }),
    requests: {
      name: 'http_request_duration_seconds_count',
      canary: (traffic) => ({ namespace: 'shop', pod: `${traffic}-6d5f7c-x2x4z` }),
      stable: (traffic) => ({ namespace: 'shop', pod: `${traffic}-78bb9c-k9k8j` }),
    },
    outcome: { ok: { status: '200' }, failed: { status: '500' } },
    durations: { name: 'http_request_duration_seconds', unit: 'seconds' },
  },
];

function istio(service: string): Labels {
  return {
    reporter: 'source',
    destination_service: `${service}.shop.svc.cluster.local`,
    destination_service_name: service,
    destination_service_namespace: 'shop',
    destination_workload: 'shop',
    request_protocol: 'http',
  };
}

function nginx(ingress: string, canary: string): Labels {
  return { namespace: 'shop', ingress, service: ingress, method: 'GET', host: 'shop.example', canary };
}

/** Ten requests every 15 seconds, each as long as this. */
const FAST_MS = 150;
const SLOW_MS = 4000;
const BOUNDS_MS = [100, 300, 1200, 5000];

/** OpenMetrics text of all of them, each metric in one piece. */
export function historyOf(collectors: readonly Collector[]): string {
  const families = new Map<string, string[]>();
  const add = (name: string, labels: Labels, valueAt: (step: number) => number): void => {
    const text = Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join(',');
    const lines = Array.from({ length: STEPS + 1 }, (_, i) => `${name}{${text}} ${valueAt(i)} ${START + i * STEP}`);
    families.set(name, [...(families.get(name) ?? []), ...lines]);
  };
  for (const { requests, outcome, durations } of collectors) {
    const flow = (labels: Labels, isOk: boolean, isIdle: boolean): void => {
      const series = { ...labels, ...(isOk ? outcome.ok : outcome.failed) };
      const requestsAt = (step: number): number => (isIdle ? 120 : step * 10);
      if (requests.name !== `${durations.name}_count`) add(requests.name, series, requestsAt);
      add(`${durations.name}_count`, series, requestsAt);
      for (const bound of [...BOUNDS_MS, Number.POSITIVE_INFINITY]) {
        const isWithin = (isOk ? FAST_MS : SLOW_MS) <= bound;
        const le = durations.unit === 'seconds' ? bound / 1000 : bound;
        const label = Number.isFinite(le) ? String(le) : '+Inf';
        add(`${durations.name}_bucket`, { ...series, le: label }, (step) => (isWithin ? requestsAt(step) : 0));
      }
    };
    flow(requests.canary('good'), true, false);
    flow(requests.stable('good'), false, false);
    flow(requests.canary('bad'), false, false);
    flow(requests.stable('bad'), true, false);
    flow(requests.canary('idle'), true, true);
    flow(requests.stable('idle'), true, false);
    flow(requests.stable('absent'), true, false);
  }
  return `${[...families.values()].flat().join('\n')}\n# EOF\n`;
}
