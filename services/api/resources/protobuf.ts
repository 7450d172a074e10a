/** The two ends of the protobuf wire format that kubectl needs: reading a few small request bodies, writing the OpenAPI v2 document. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_64 = 1;
const FIXED_32 = 5;

/** A message as its fields by number: bytes for length-delimited ones, a number for varints; fixed-size ones are passed over. */
export type ProtobufMessage = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

/** Throws RangeError for bytes that are no message. */
export function readProtobuf(bytes: Uint8Array): ProtobufMessage {
  const fields = new Map<number, (Uint8Array | number)[]>();
  let at = 0;
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new RangeError('the protobuf message ends too early');
    at += size;
    return bytes.subarray(at - size, at);
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = take(1)[0] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number in the protobuf message is too long');
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const found: Uint8Array | number | undefined = readValue(tag % 8);
    if (found === undefined) continue;
    const values = fields.get(field);
    // A copy of the list for each value would take minutes over a body of one field repeated.
    if (values === undefined) fields.set(field, [found]);
    else values.push(found);
  }
  return fields;

  function readValue(wireType: number): Uint8Array | number | undefined {
    if (wireType === VARINT) return varint();
    if (wireType === LENGTH_DELIMITED) return take(varint());
    if (wireType === FIXED_64) take(8);
    else if (wireType === FIXED_32) take(4);
    else throw new RangeError('the protobuf message has an unknown wire type');
    return undefined;
  }
}

/** The message in a field, empty when it is absent. */
export function messageIn(message: ProtobufMessage, field: number): ProtobufMessage {
  const value = message.get(field)?.at(-1);
  return value instanceof Uint8Array ? readProtobuf(value) : new Map();
}

export function textIn(message: ProtobufMessage, field: number): string {
  const value = message.get(field)?.at(-1);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
}

/** What Kubernetes wraps around a message: `k8s\0`, then kind and apiVersion, then the message itself. */
export interface KubernetesEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: ProtobufMessage;
}

export function readEnvelope(bytes: Uint8Array): KubernetesEnvelope {
  const magic = [0x6b, 0x38, 0x73, 0x00];
  if (!magic.every((byte, index) => bytes[index] === byte))
    throw new RangeError('the body does not begin as a Kubernetes protobuf message');
  const unknown = readProtobuf(bytes.subarray(magic.length));
  const type = messageIn(unknown, 1);
  return { apiVersion: textIn(type, 1), kind: textIn(type, 2), message: messageIn(unknown, 2) };
}

/** A field whose value is text, a flag or another message, ready to be put into one. */
export function protobufField(field: number, value: string | boolean | readonly Buffer[]): Buffer {
  if (typeof value === 'boolean') return Buffer.concat([varintBytes(field * 8 + VARINT), varintBytes(value ? 1 : 0)]);
  const payload = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.concat(value);
  return Buffer.concat([varintBytes(field * 8 + LENGTH_DELIMITED), varintBytes(payload.length), payload]);
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
