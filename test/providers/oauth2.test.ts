import { describe, expect, it } from 'vitest';
import { type Http, type HttpRequest, type HttpResponse, ProviderError } from '../../providers/contract.ts';
import { isOAuth2Configured, withOAuth2 } from '../../providers/oauth2.ts';

const credentials = { clientId: 'my id', clientSecret: 's&cret', scopes: ['a', 'b'] };
const issued = { status: 200, statusText: 'OK', headers: { 'content-type': 'application/json' } };
let urls = 0;

/** An endpoint that answers token requests in turn; each test has a URL of its own, since the style that worked is remembered by URL. */
function endpoint(...answers: Partial<HttpResponse>[]) {
  urls += 1;
  const tokenUrl = `http://issuer/${urls}`;
  const asked: HttpRequest[] = [];
  const tokenHttp: Http = async (request) => {
    asked.push(request);
    const answer = answers.shift();
    if (answer === undefined) throw new ProviderError('unavailable', `Post "${tokenUrl}": no more answers`);
    return { ...issued, body: '', ...answer };
  };
  const sent: HttpRequest[] = [];
  const http: Http = async (request) => {
    sent.push(request);
    return { ...issued, body: '{}' };
  };
  const connect = () => withOAuth2(http, { ...credentials, tokenUrl }, tokenHttp);
  return { asked, sent, connect };
}

const request: HttpRequest = { method: 'GET', url: 'http://me:pw@metrics/m', timeoutMs: 1000 };
const basic = `Basic ${Buffer.from('my+id:s%26cret').toString('base64')}`;

describe('a token', () => {
  it('is asked for with a Basic header first, and sent on', async () => {
    const { asked, sent, connect } = endpoint({ body: '{"access_token":"T","token_type":"bearer","expires_in":3600}' });
    const http = connect();
    await http(request);
    await http(request);
    expect(asked.map(({ method, headers, body }) => ({ method, headers, body }))).toEqual([
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: basic },
        body: 'grant_type=client_credentials&scope=a+b',
      },
    ]);
    expect(sent.map(({ headers }) => headers)).toEqual([{ Authorization: 'Bearer T' }, { Authorization: 'Bearer T' }]);
  });

  it('is asked for in the form when that fails, and from then on only so', async () => {
    const token = { body: '{"access_token":"T"}' };
    const { asked, connect } = endpoint({ status: 401, statusText: 'Unauthorized' }, token, token);
    await connect()(request);
    await connect()(request);
    const form = 'client_id=my+id&client_secret=s%26cret&grant_type=client_credentials&scope=a+b';
    expect(asked.map(({ headers, body }) => [headers?.['Authorization'], body])).toEqual([
      [basic, 'grant_type=client_credentials&scope=a+b'],
      [undefined, form],
      [undefined, form],
    ]);
  });

  it.each([
    { expires_in: 10, requests: 2 },
    { expires_in: '5', requests: 2 },
    { expires_in: 60, requests: 1 },
    { expires_in: 0, requests: 1 },
  ])('that lives $expires_in seconds is fetched $requests times for two requests', async ({ expires_in, requests }) => {
    const body = JSON.stringify({ access_token: 'T', expires_in });
    const { asked, connect } = endpoint({ body }, { body });
    const http = connect();
    await http(request);
    await http(request);
    expect(asked).toHaveLength(requests);
  });

  it.each([
    { type: 'application/x-www-form-urlencoded', body: 'access_token=T&token_type=MAC', want: 'MAC T' },
    { type: 'text/plain; charset=utf-8', body: 'access_token=T', want: 'Bearer T' },
    { type: 'application/json', body: '{"access_token":"T","token_type":"Custom"}', want: 'Custom T' },
  ])('is read from $type: $want', async ({ type, body, want }) => {
    const { sent, connect } = endpoint({ headers: { 'content-type': type }, body });
    await connect()(request);
    expect(sent[0]?.headers).toEqual({ Authorization: want });
  });
});

describe('a refusal', () => {
  it.each([
    {
      status: 401,
      statusText: 'Unauthorized',
      body: 'who?',
      want: 'oauth2: cannot fetch token: 401 Unauthorized\nResponse: who?',
    },
    {
      status: 400,
      body: '{"error":"invalid_client","error_description":"Unknown \\"client\\""}',
      want: 'oauth2: "invalid_client" "Unknown \\"client\\""',
    },
    {
      status: 200,
      body: '{"error":"invalid_scope","error_uri":"http://why"}',
      want: 'oauth2: "invalid_scope" "http://why"',
    },
    { status: 200, body: '{"token_type":"Bearer"}', want: 'oauth2: server response missing access_token' },
    {
      status: 200,
      body: '<html>',
      want: "oauth2: cannot parse json: invalid character '<' looking for beginning of value",
    },
  ])('$want', async ({ want, ...answer }) => {
    const { sent, connect } = endpoint(answer, answer);
    await expect(connect()(request)).rejects.toThrow(
      new ProviderError('refused', `Get "http://me:***@metrics/m": ${want}`),
    );
    expect(sent).toEqual([]);
  });

  it('keeps the words of the network', async () => {
    const { connect } = endpoint();
    await expect(connect()(request)).rejects.toThrow(
      /^Get "http:\/\/me:\*\*\*@metrics\/m": Post "http:\/\/issuer\/\d+": no more answers$/,
    );
  });
});

it.each([
  [{}, false],
  [{ clientId: 'a', clientSecret: 'b' }, false],
  [{ tokenUrl: 'u', clientId: 'a', clientSecret: 'b' }, true],
])('%j switches it on: %s', (block, want) => {
  expect(isOAuth2Configured(block)).toBe(want);
});

it.each([
  { tokenUrl: 'u', clientId: 'a' },
  { tokenUrl: 'u', clientSecret: 'b' },
])('%j is refused', (block) => {
  expect(() => isOAuth2Configured(block)).toThrow('missing mandatory parameter in metric for OAuth2 setup');
});
