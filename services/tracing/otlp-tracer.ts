import {
  type Context,
  context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Log, Span, Tracer } from '../engine/ports.ts';
import { reporting } from './reporting-exporter.ts';
import { type SamplerName, samplerOf } from './sampler.ts';

export interface TracingSettings {
  /** Where spans are POSTed. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly sampler: SamplerName;
  readonly ratio: number;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** The active span, for a line of the log. */
  logFields(): Readonly<Record<string, string>>;
  /** Sends what waits, for a few seconds at most. */
  close(): Promise<void>;
}

/** Spans beyond this many wait for nobody: a few megabytes. */
const MOST_WAITING = 4_096;
const SEND_EVERY_MS = 1_000;
const SEND_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 3_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** One for the process: the active span is kept by the process' async context. */
export function startTracing(settings: TracingSettings, version: string, instance: string, log: Log): Tracing {
  const exporter = new OTLPTraceExporter({
    url: settings.url,
    headers: { ...settings.headers },
    timeoutMillis: SEND_WITHIN_MS,
    concurrencyLimit: 2,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': settings.service,
      'service.version': version,
      'service.instance.id': instance,
    }),
    sampler: samplerOf(settings.sampler, settings.ratio),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reporting(exporter, log),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_WITHIN_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    tracer: tracerOver(provider.getTracer('assay', version)),
    logFields: () => {
      const active = trace.getActiveSpan()?.spanContext();
      return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function tracerOver(tracer: OtelTracer): Tracer {
  return {
    start(name, { attributes, kind = 'internal', parent } = {}) {
      const from = parent === undefined ? context.active() : contextOf(parent);
      const span = tracer.startSpan(
        name,
        { kind: KINDS[kind], ...(attributes && { attributes: { ...attributes } }) },
        from,
      );
      return spanOver(span, trace.setSpan(from, span));
    },
    traceparent() {
      const active = trace.getActiveSpan()?.spanContext();
      if (active === undefined) return undefined;
      return `00-${active.traceId}-${active.spanId}-${active.traceFlags.toString(16).padStart(2, '0')}`;
    },
  };
}

function spanOver(span: OtelSpan, within: Context): Span {
  return {
    within: (work) => context.with(within, work),
    set: (attributes) => {
      span.setAttributes({ ...attributes });
    },
    end(error) {
      // Its text may hold an address with a password in it.
      if (error !== undefined)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error });
      span.end();
    },
  };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/u;

/** https://www.w3.org/TR/trace-context/: what does not read as a parent is none. */
function contextOf(parent: string): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(parent) ?? [];
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return !parent.startsWith('ff') && /[1-9a-f]/u.test(traceId) && /[1-9a-f]/u.test(spanId)
    ? trace.setSpanContext(ROOT_CONTEXT, spanContext)
    : ROOT_CONTEXT;
}
