import type { Span, SpanOptions, Tracer } from './ports.ts';

/** On a run: the span that created it, as a W3C traceparent. Its passes go on from there, in whichever process. */
export const TRACEPARENT = 'assay/traceparent';

/** Does the work within a span, where there is somebody to tell; what it throws is noted and thrown on. */
export async function traced<T>(
  tracer: Tracer | undefined,
  name: string,
  options: SpanOptions,
  work: (span?: Span) => Promise<T>,
): Promise<T> {
  if (tracer === undefined) return work();
  const span = tracer.start(name, options);
  try {
    const result = await span.within(() => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
