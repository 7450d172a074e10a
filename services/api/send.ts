import type { FastifyReply } from 'fastify';

/** Sends text under exactly this media type: as bytes, since fastify rewrites the parameters of a text's type and kubectl reads them. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.header('content-type', type).send(Buffer.from(text, 'utf8'));
}

export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return sendText(reply, 'application/json', JSON.stringify(body));
}
