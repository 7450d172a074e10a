import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../engine/ports.ts';

/** OpenTelemetry's code for an export that worked. */
const SUCCESS = 0;

/** Says once that spans are not taken, and once that they are again. The texts of errors name the endpoint's answer, and no headers. */
export function reporting(exporter: SpanExporter, log: Log): SpanExporter {
  let isLosing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const fails = result.code !== SUCCESS;
        if (fails && !isLosing)
          log.warn(
            { error: result.error?.message ?? 'no answer' },
            'the OTLP endpoint does not take spans; they are dropped',
          );
        if (!fails && isLosing) log.info({}, 'the OTLP endpoint takes spans again');
        isLosing = fails;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
