import type { FastifyRequest } from 'fastify';
import { messageIn, type ProtobufMessage, readEnvelope, textIn } from './protobuf.ts';
import { bodyBytes, contentType, isJsonObject, type JsonObject, PROTOBUF, readBody } from './request.ts';
import { badRequest } from './status.ts';

const GROUP_VERSION = 'authorization.k8s.io/v1';

/** kubectl sends reviews and namespaces in protobuf and does not try again in JSON. */
export function isProtobuf(request: FastifyRequest): boolean {
  return contentType(request) === PROTOBUF;
}

function readProtobufBody(request: FastifyRequest): ProtobufMessage {
  try {
    return readEnvelope(bodyBytes(request)).message;
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`the body cannot be read: ${error.message}`);
    throw error;
  }
}

/** `kubectl auth can-i`: whoever reaches this API may do everything that it does. */
export function accessReview(request: FastifyRequest) {
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: GROUP_VERSION,
    metadata: {},
    spec: isProtobuf(request) ? accessSpec(messageIn(readProtobufBody(request), 2)) : specOf(readBody(request).value),
    status: { allowed: true, reason: 'everyone who reaches this address may do everything' },
  };
}

/** `kubectl auth can-i --list`. */
export function rulesReview(request: FastifyRequest) {
  const everything = { verbs: ['*'] };
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: GROUP_VERSION,
    metadata: {},
    spec: isProtobuf(request)
      ? { namespace: textIn(messageIn(readProtobufBody(request), 2), 1) }
      : specOf(readBody(request).value),
    status: {
      resourceRules: [{ ...everything, apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ ...everything, nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  };
}

/** The object of a `kubectl create namespace`. */
export function namespaceFromProtobuf(request: FastifyRequest): JsonObject {
  const name = textIn(messageIn(readProtobufBody(request), 1), 1);
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function specOf(body: JsonObject): JsonObject {
  return isJsonObject(body['spec']) ? body['spec'] : {};
}

function accessSpec(spec: ProtobufMessage): JsonObject {
  const fieldsOf = (message: ProtobufMessage, names: readonly string[]) =>
    Object.fromEntries(
      names.map((name, index) => [name, textIn(message, index + 1)] as const).filter(([, text]) => text !== ''),
    );
  const resource = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];
  return {
    ...(spec.has(1) ? { resourceAttributes: fieldsOf(messageIn(spec, 1), resource) } : {}),
    ...(spec.has(2) ? { nonResourceAttributes: fieldsOf(messageIn(spec, 2), ['path', 'verb']) } : {}),
  };
}
