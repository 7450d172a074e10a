/** What an OpenTelemetry collector would receive: OTLP over HTTP in protobuf, read by hand so that nothing of the exporter is trusted. */
import type { IncomingHttpHeaders } from 'node:http';
import { serve } from './http-server.ts';

export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** 2 is an error. */
  readonly status: number;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Everything that came, as text, to look for what must not be in it. */
  text(): string;
  answerWith(status: number): void;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let text = '';
  let status = 200;
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      headers.push(request.headers);
      text += body.toString('latin1');
      if (status === 200 && request.url === '/v1/traces') spans.push(...spansOf(body));
      response.writeHead(request.url === '/v1/traces' ? status : 404).end();
    });
  });
  return {
    url: server.url,
    spans,
    headers,
    text: () => text,
    answerWith: (next) => {
      status = next;
    },
    close: () => server.close(),
  };
}

function spansOf(request: Buffer): ReceivedSpan[] {
  return messages(request, 1).flatMap((ofResource) => {
    const service = String(attributesOf(messages(messages(ofResource, 1)[0]!, 1))['service.name']);
    return messages(ofResource, 2).flatMap((scope) => messages(scope, 2).map((span) => spanOf(service, span)));
  });
}

function spanOf(service: string, span: Buffer): ReceivedSpan {
  const hex = (field: number) => messages(span, field)[0]?.toString('hex') ?? '';
  const status = messages(span, 15)[0];
  return {
    service,
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    name: messages(span, 5)[0]!.toString(),
    kind: numberIn(span, 6),
    attributes: attributesOf(messages(span, 9)),
    status: status === undefined ? 0 : numberIn(status, 3),
  };
}

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key, value] = [messages(pair, 1)[0]!.toString(), messages(pair, 2)[0]!];
      const [field] = fieldsOf(value);
      if (field?.number === 1) return [key, (field.value as Buffer).toString()];
      if (field?.number === 4) return [key, (field.value as Buffer).readDoubleLE()];
      return [key, field?.number === 2 ? field.value === 1 : (field?.value as number)];
    }),
  );
}

const messages = (message: Buffer, number: number): Buffer[] =>
  fieldsOf(message)
    .filter((field) => field.number === number)
    .map(({ value }) => value as Buffer);

const numberIn = (message: Buffer, number: number): number =>
  (fieldsOf(message).find((field) => field.number === number)?.value as number | undefined) ?? 0;

/** The wire format of protobuf: varints as numbers, everything else as bytes. */
function fieldsOf(message: Buffer): { readonly number: number; readonly value: number | Buffer }[] {
  const fields: { number: number; value: number | Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]!;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const bytes = (size: number): Buffer => {
    at += size;
    return message.subarray(at - size, at);
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    const value = type === 0 ? varint() : bytes(type === 1 ? 8 : type === 5 ? 4 : varint());
    fields.push({ number: (tag - type) / 8, value });
  }
  return fields;
}
