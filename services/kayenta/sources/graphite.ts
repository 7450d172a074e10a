import { baseUrl, type MetricsSource, parseJson, textOf, windowOf, withQuery } from './metrics-source.ts';

type Answer = readonly { readonly datapoints?: readonly (readonly [number | null, number])[] }[];

export const graphite: MetricsSource = {
  type: 'graphite',

  buildQuery({ query, scope }) {
    const name = textOf(query, 'metricName') ?? '';
    const scoped = scope.scope ? name.replaceAll('$scope', () => scope.scope ?? '') : name;
    return scope.location ? scoped.replaceAll('$location', () => scope.location ?? '') : scoped;
  },

  buildRequest({ account, scope }, query) {
    const { start, end } = windowOf(scope);
    const parameters = {
      target: query,
      from: Math.floor(start.epochMs / 1000),
      until: Math.floor(end.epochMs / 1000),
      format: 'json',
    };
    return { method: 'GET', url: withQuery(`${baseUrl(account)}/render`, parameters) };
  },

  // No placeholder: an empty answer fails the mixing, as in Kayenta.
  readAnswer(body) {
    return (parseJson(body, 'Graphite') as Answer).map(({ datapoints = [] }) => {
      const times = datapoints.map(([, seconds]) => seconds);
      return {
        tags: {},
        startTimeMillis: (times[0] ?? 0) * 1000,
        endTimeMillis: (times.at(-1) ?? 0) * 1000,
        stepMillis: times.length < 2 ? 1000 : ((times[1] ?? 0) - (times[0] ?? 0)) * 1000,
        values: datapoints.map(([value]) => value ?? Number.NaN),
        attributes: {},
      };
    });
  },

  metadata: {
    buildRequest: (account, filter) => ({
      method: 'GET',
      url: withQuery(`${baseUrl(account)}/metrics/find`, {
        query: filter.replaceAll('$scope', '*').replaceAll('$location', '*'),
        format: 'completer',
      }),
    }),
    readAnswer: (body) => {
      const { metrics = [] } = parseJson(body, 'Graphite') as {
        metrics?: readonly { path: string; is_leaf: string | number }[];
      };
      return metrics.map(({ path, is_leaf }) => ({
        name: Number(is_leaf) === 1 || path.endsWith('.') ? path : `${path}.`,
      }));
    },
  },
};
