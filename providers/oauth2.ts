import { performance } from 'node:perf_hooks';
import type { OAuth2 } from './auth-schema.ts';
import { type Http, type HttpResponse, ProviderError } from './contract.ts';
import { goQuote } from './go-format.ts';
import { decodeJson, JsonError } from './go-json.ts';
import { withoutPassword } from './go-url.ts';
import { setHeader } from './http-layers.ts';

/**
 * OAuth2 client credentials as golang.org/x/oauth2 runs them: a token a measurement, sent with each request. `http` is for the requests, `tokenHttp`
 * for the token endpoint. Both must share the call's deadline.
 */
export function withOAuth2(http: Http, credentials: OAuth2, tokenHttp: Http): Http {
  let token: Token | undefined;
  return async (request) => {
    if (token === undefined || token.staleAt <= performance.now()) {
      try {
        token = await fetchToken(credentials, (form, authorization) =>
          askForToken(credentials, tokenHttp, request.timeoutMs, form, authorization),
        );
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        const operation = request.method.slice(0, 1) + request.method.slice(1).toLowerCase();
        throw new ProviderError(error.kind, `${operation} ${goQuote(withoutPassword(request.url))}: ${error.message}`, {
          cause: error,
        });
      }
    }
    return http({ ...request, headers: setHeader(request.headers ?? {}, 'Authorization', token.header) });
  };
}

/** Argo's rule: switched on by its token URL, and then complete. Throws ProviderError. */
export function isOAuth2Configured({ tokenUrl = '', clientId = '', clientSecret = '' }: OAuth2 = {}): boolean {
  if (tokenUrl === '') return false;
  if (clientId === '' || clientSecret === '')
    throw new ProviderError('refused', 'missing mandatory parameter in metric for OAuth2 setup');
  return true;
}

interface Token {
  readonly header: string;
  /** On the monotonic clock. */
  readonly staleAt: number;
}

type Style = 'header' | 'form';
type AskForToken = (form: Readonly<Record<string, string>>, authorization?: string) => Promise<HttpResponse>;

const STALE_BEFORE_EXPIRY_MS = 10_000;

// Which style a token endpoint takes is found out once and remembered while the process lives, as the Go library does.
const knownStyles = new Map<string, Style>();

async function fetchToken(credentials: OAuth2, ask: AskForToken): Promise<Token> {
  const tokenUrl = credentials.tokenUrl ?? '';
  const known = knownStyles.get(tokenUrl);
  if (known !== undefined) return await fetchInStyle(known, credentials, ask);
  const [token, style] = await fetchInStyle('header', credentials, ask).then(
    (fetched) => [fetched, 'header'] as const,
    async () => [await fetchInStyle('form', credentials, ask), 'form'] as const,
  );
  knownStyles.set(tokenUrl, style);
  return token;
}

async function fetchInStyle(style: Style, credentials: OAuth2, ask: AskForToken): Promise<Token> {
  const { clientId = '', clientSecret = '', scopes = [] } = credentials;
  const form = { grant_type: 'client_credentials', ...(scopes.length > 0 && { scope: scopes.join(' ') }) };
  if (style === 'form') return readToken(await ask({ ...form, client_id: clientId, client_secret: clientSecret }));
  const pair = `${queryEscape(clientId)}:${queryEscape(clientSecret)}`;
  return readToken(await ask(form, `Basic ${Buffer.from(pair).toString('base64')}`));
}

function askForToken(
  { tokenUrl = '' }: OAuth2,
  http: Http,
  timeoutMs: number,
  form: Readonly<Record<string, string>>,
  authorization: string | undefined,
): Promise<HttpResponse> {
  const body = new URLSearchParams(form);
  body.sort();
  return http({
    method: 'POST',
    asksOnly: true,
    url: tokenUrl,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    body: body.toString(),
    timeoutMs,
  });
}

interface TokenAnswer {
  readonly error: string;
  readonly error_description: string;
  readonly error_uri: string;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
}

function readToken(response: HttpResponse): Token {
  const isFailure = response.status < 200 || response.status > 299;
  const answer = readAnswer(response, isFailure);
  if (answer === undefined || isFailure || answer.error !== '') throw refused(response, answer);
  if (answer.access_token === '') throw new ProviderError('refused', 'oauth2: server response missing access_token');
  const lifeMs = answer.expires_in > 0 ? answer.expires_in * 1000 - STALE_BEFORE_EXPIRY_MS : Number.POSITIVE_INFINITY;
  return { header: `${headerType(answer.token_type)} ${answer.access_token}`, staleAt: performance.now() + lifeMs };
}

/** Undefined when a refusal cannot be read; an unreadable success is an error of its own. */
function readAnswer({ headers, body }: HttpResponse, isFailure: boolean): TokenAnswer | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded' || type === 'text/plain')
    return tokenAnswer(Object.fromEntries(new URLSearchParams(body)));
  try {
    const value = decodeJson(body);
    return tokenAnswer(value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {});
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (isFailure) return undefined;
    throw new ProviderError('refused', `oauth2: cannot parse json: ${error.message}`);
  }
}

function tokenAnswer(fields: object): TokenAnswer {
  const text = (name: string): string => {
    const value = (fields as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : '';
  };
  const expires = Number((fields as Readonly<Record<string, unknown>>)['expires_in']);
  return {
    error: text('error'),
    error_description: text('error_description'),
    error_uri: text('error_uri'),
    access_token: text('access_token'),
    token_type: text('token_type'),
    expires_in: Number.isFinite(expires) ? expires : 0,
  };
}

function refused({ status, statusText, body }: HttpResponse, answer: TokenAnswer | undefined): ProviderError {
  const kind = status === 429 || status >= 500 ? 'unavailable' : 'refused';
  if (answer === undefined || answer.error === '')
    return new ProviderError(
      kind,
      `oauth2: cannot fetch token: ${`${status} ${statusText}`.trim()}\nResponse: ${body}`,
    );
  const parts = [answer.error, answer.error_description, answer.error_uri].filter((part) => part !== '');
  return new ProviderError(kind, `oauth2: ${parts.map(goQuote).join(' ')}`);
}

function headerType(type: string): string {
  const known: Readonly<Record<string, string>> = { bearer: 'Bearer', mac: 'MAC', basic: 'Basic', '': 'Bearer' };
  return known[type.toLowerCase()] ?? type;
}

/** Go's url.QueryEscape. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
