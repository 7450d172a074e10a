import type { FlaggerQuery } from './query.ts';

/**
 * Flagger's built-in metrics: the PromQL of each mesh and ingress, in the one-line form in which Flagger sends it, odd commas included, so that the same
 * question reaches Prometheus.
 */

export type BuiltInMetric = NonNullable<FlaggerQuery['metric']>;

/** What a query is about; what is not given is empty. `interval` is the window of the rates. */
export type Model = Readonly<Record<'namespace' | 'target' | 'service' | 'ingress' | 'route' | 'interval', string>>;

type Queries = Readonly<Record<BuiltInMetric, string>>;

const OBSERVERS: Readonly<Record<string, (model: Model) => Queries>> = {
  apisix: ({ namespace, target, route, interval }) => {
    const selector = `route=~"${namespace}_${route}-${target}-canary_.+"`;
    return {
      'request-success-rate': share('apisix_http_status', `${selector}, code!~"5.."`, selector, interval),
      'request-duration': p99('apisix_http_latency_bucket', `type=~"request", ${selector}`, interval),
    };
  },
  appmesh: ({ namespace, target, interval }) => envoy(podsOf(namespace, target), '', interval),
  contour: ({ namespace, service, interval }) =>
    envoy(`envoy_cluster_name=~"${namespace}_${service}-canary_[0-9a-zA-Z-]+"`, ',', interval),
  gloo: ({ namespace, target, interval }) =>
    envoy(`envoy_cluster_name=~"${namespace}-${target}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"`, ',', interval),
  http: ({ namespace, target, interval }) => {
    const selector = podsOf(namespace, target);
    return {
      'request-success-rate': share(
        'http_request_duration_seconds_count',
        `${selector}, status!~"5.*"`,
        selector,
        interval,
      ),
      'request-duration': p99('http_request_duration_seconds_bucket', selector, interval),
    };
  },
  istio: ({ namespace, target, interval }) => {
    const selector = `reporter="destination", destination_workload_namespace="${namespace}", destination_workload=~"${target}"`;
    return {
      'request-success-rate': share('istio_requests_total', `${selector}, response_code!~"5.*"`, selector, interval),
      'request-duration': p99('istio_request_duration_milliseconds_bucket', selector, interval),
    };
  },
  knative: ({ namespace, route, interval }) => envoy(`envoy_cluster_name=~"${namespace}/${route}"`, ',', interval),
  kuma: ({ namespace, target, interval }) =>
    envoy(`service=~"${target}-canary_${namespace}_svc_[0-9a-zA-Z-]+"`, ',', interval),
  linkerd: ({ namespace, target, interval }) => {
    const workload = `namespace="${namespace}", deployment=~"${target}"`;
    const inbound = 'direction="inbound"';
    return {
      'request-success-rate': share(
        'response_total',
        `${workload}, classification!="failure", ${inbound}`,
        `${workload}, ${inbound}`,
        interval,
      ),
      'request-duration': p99('response_latency_ms_bucket', `${workload}, ${inbound}`, interval),
    };
  },
  nginx: ({ namespace, ingress, interval }) => {
    const selector = `namespace="${namespace}", ingress="${ingress}", canary!=""`;
    const duration = 'nginx_ingress_controller_response_duration_seconds';
    return {
      'request-success-rate': share(
        'nginx_ingress_controller_requests',
        `${selector}, status!~"5.*"`,
        selector,
        interval,
      ),
      // A mean, where the others have a quantile.
      'request-duration': ` ${sumOfRate(`${duration}_sum`, selector, interval)} / ${sumOfRate(`${duration}_count`, selector, interval)} * 1000`,
    };
  },
  osm: ({ namespace, target, interval }) => {
    const selector = `destination_namespace="${namespace}", destination_kind="Deployment", destination_name="${target}"`;
    return {
      'request-success-rate': share('osm_request_total', `${selector}, response_code!~"5.*"`, selector, interval),
      'request-duration': p99('osm_request_duration_ms_bucket', selector, interval),
    };
  },
  skipper: ({ namespace, service, ingress, interval }) => {
    // Skipper's route names have an underscore for everything that is no letter, digit or underscore.
    const [ns, ing, svc] = [namespace, ingress, service].map((name) => name.replace(/\W/g, '_'));
    const route = `route=~"kube(ew)?_${ns}__${ing}_canary__.*__${svc}_canary(_[0-9]+)?"`;
    const rate = (metric: string, selector: string) => `sum(rate(${metric}{${selector}}[${interval}]))`;
    const answers = 'skipper_response_duration_seconds_bucket';
    const served = 'skipper_serve_route_duration_seconds';
    return {
      'request-success-rate': ` ${rate(answers, `${route},code!~"5..",le="+Inf"`)} / ${rate(answers, `${route},le="+Inf"`)} * 100`,
      'request-duration': ` ${rate(`${served}_sum`, route)} / ${rate(`${served}_count`, route)} * 1000`,
    };
  },
  traefik: ({ namespace, target, interval }) => {
    const metric = 'traefik_service_request_duration_seconds_bucket';
    const selector = `service=~"${namespace}-${target}-canary-[0-9a-zA-Z-]+@kubernetescrd"`;
    return {
      'request-success-rate': share(metric, `${selector}, code!~"5..", le="+Inf"`, `${selector}, le="+Inf"`, interval),
      'request-duration': `${p99(metric, selector, interval)} * 1000`,
    };
  },
};

export const OBSERVER_NAMES: readonly string[] = Object.keys(OBSERVERS);

/** Undefined for an observer that Flagger does not have. */
export function observerQuery(observer: string, metric: BuiltInMetric, model: Model): string | undefined {
  return Object.hasOwn(OBSERVERS, observer) ? OBSERVERS[observer]?.(model)[metric] : undefined;
}

/** The number as Flagger sees it: percent, or whole milliseconds, their fraction cut. Of the durations only `http` is in seconds. */
export function observedValue(observer: string, metric: BuiltInMetric, value: number): number {
  if (metric === 'request-success-rate') return value;
  return Math.trunc(observer === 'http' ? value * 1000 : value);
}

function sumOfRate(metric: string, selector: string, interval: string): string {
  return `sum( rate( ${metric}{ ${selector} }[${interval}] ) )`;
}

/** Percent of the requests that are good. */
function share(metric: string, good: string, all: string, interval: string): string {
  return ` ${sumOfRate(metric, good, interval)} / ${sumOfRate(metric, all, interval)} * 100`;
}

function p99(metric: string, selector: string, interval: string): string {
  return ` histogram_quantile( 0.99, ${sumOfRate(metric, selector, interval)} by (le) )`;
}

/** `tail` is the comma after the last label, where Flagger writes one. */
function envoy(selector: string, tail: ',' | '', interval: string): Queries {
  return {
    'request-success-rate': share(
      'envoy_cluster_upstream_rq',
      `${selector}, envoy_response_code!~"5.*"`,
      selector + tail,
      interval,
    ),
    'request-duration': p99('envoy_cluster_upstream_rq_time_bucket', selector + tail, interval),
  };
}

/** The pods of a Deployment, but not those of its primary, whose names have a part more. */
function podsOf(namespace: string, target: string): string {
  return `kubernetes_namespace="${namespace}", kubernetes_pod_name=~"${target}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"`;
}
