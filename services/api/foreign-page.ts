import type { FastifyRequest } from 'fastify';
import { CallerError } from '../domain/errors.ts';

/**
 * Refuses what a web page of somebody else makes its visitor's browser send. Such a page cannot read the answer, and for most requests the browser asks first and
 * is not allowed; but a POST without a content type it sends at once, and Assay, which asks nobody for a password, would start a run. Programs send neither
 * header. Browsers say `Sec-Fetch-Site` to loopback and over TLS, and `Origin` with every POST, PUT, PATCH and DELETE from elsewhere
 * (https://www.w3.org/TR/fetch-metadata/). Throws CallerError `forbidden`.
 */
export function refuseForeignPage({ method, headers, routeOptions }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  if (routeOptions.config?.answersAnyOrigin === true) return;
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined ? isOwnOrigin(headers) : site === 'same-origin' || site === 'none';
  if (isOwn) return;
  throw new CallerError(
    'forbidden',
    'a web page of another origin may not change anything here; open the dashboard of this server, or send the request from a program',
  );
}

/** Behind a proxy the host that the browser knows comes in a header that no page can set without being asked for. */
function isOwnOrigin({ origin, host, ...headers }: FastifyRequest['headers']): boolean {
  if (origin === undefined) return true;
  const own = [host, headers['x-forwarded-host']].flat().flatMap((names) => names?.split(',') ?? []);
  return URL.canParse(origin) && own.some((name) => name.trim().toLowerCase() === new URL(origin).host);
}
