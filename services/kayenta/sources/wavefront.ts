import { formatInstant } from '../java-values.ts';
import { KayentaError } from '../kayenta-error.ts';
import { alignToSteps, baseUrl, type MetricsSource, parseJson, textOf, windowOf, withQuery } from './metrics-source.ts';

interface Answer {
  readonly timeseries?: readonly {
    readonly tags?: Readonly<Record<string, string>>;
    readonly data?: readonly (readonly [number, number])[];
  }[];
}

export const wavefront: MetricsSource = {
  type: 'wavefront',

  buildQuery({ query, scope }) {
    const metric = textOf(query, 'metricName');
    const series = scope.scope ? `ts(${metric}, ${scope.scope})` : `ts(${metric})`;
    const aggregate = textOf(query, 'aggregate');
    return aggregate === undefined ? series : `${aggregate}(${series})`;
  },

  buildRequest({ account, scope, query: config }, query) {
    const { start, end } = windowOf(scope);
    const parameters = {
      n: 'Kayenta-Query',
      q: query,
      s: start.epochMs,
      e: end.epochMs,
      g: granularityOf(scope.stepSeconds),
      ...(textOf(config, 'summarization') === undefined
        ? {}
        : { summarization: textOf(config, 'summarization') as string }),
      listMode: 'true',
      strict: 'true',
      sorted: 'true',
    };
    return {
      method: 'GET',
      url: withQuery(`${baseUrl(account)}/api/v2/chart/api`, parameters),
      headers: { authorization: `Bearer ${String(account['apiToken'] ?? '')}` },
    };
  },

  readAnswer(body, { scope, query: config }, query) {
    const { timeseries } = parseJson(body, 'Wavefront') as Answer;
    if (timeseries === undefined) {
      const { start, end } = windowOf(scope);
      throw new KayentaError(
        `No metrics returned for query: ${query} from ${formatInstant(start)} to ${formatInstant(end)}`,
      );
    }
    const summarization = textOf(config, 'summarization');
    const stepMillis = scope.stepSeconds * 1000;
    return timeseries.flatMap(({ tags = {}, data = [] }) => {
      const points = data.map(([seconds, value]) => [seconds * 1000, value] as const);
      const first = points[0]?.[0];
      const last = points.at(-1)?.[0];
      if (first === undefined || last === undefined) return [];
      const attributes = summarization === undefined ? { query } : { query, summarization };
      return [
        {
          tags,
          startTimeMillis: first,
          endTimeMillis: last,
          stepMillis,
          values: alignToSteps(points, first, last, stepMillis),
          attributes,
        },
      ];
    });
  },
};

/** The coarsest unit that divides the step. */
export function granularityOf(stepSeconds: number): 'd' | 'h' | 'm' | 's' {
  if (stepSeconds % 86_400 === 0) return 'd';
  if (stepSeconds % 3600 === 0) return 'h';
  return stepSeconds % 60 === 0 ? 'm' : 's';
}
