import { createHash, createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { HttpRequest } from '../../providers/contract.ts';
import { signedHeaders } from '../../providers/sigv4.ts';

// The credentials, date and scope of the examples in AWS's documentation.
const identity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = Date.parse('2015-08-30T12:36:00Z');
const scope = { region: 'us-east-1', service: 'aps' };

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The signature by the steps of AWS's specification, for a canonical request that is written out. */
function signatureOf(canonicalRequest: string): string {
  const credentialScope = '20150830/us-east-1/aps/aws4_request';
  const toSign = ['AWS4-HMAC-SHA256', '20150830T123600Z', credentialScope, sha256(canonicalRequest)].join('\n');
  const date = hmac(`AWS4${identity.secretAccessKey}`, '20150830');
  const key = hmac(hmac(hmac(date, 'us-east-1'), 'aps'), 'aws4_request');
  return hmac(key, toSign).toString('hex');
}

it.each<{ name: string; request: HttpRequest; canonical: readonly string[]; signed: string; token?: string }>([
  {
    name: 'a form',
    request: {
      method: 'POST',
      url: 'https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/api/v1/query',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: 'Bearer gone' },
      body: 'query=up&time=1',
      timeoutMs: 1,
    },
    canonical: [
      'POST',
      '/workspaces/ws-1/api/v1/query',
      '',
      'content-type:application/x-www-form-urlencoded',
      'host:aps-workspaces.us-east-1.amazonaws.com',
      `x-amz-content-sha256:${sha256('query=up&time=1')}`,
      'x-amz-date:20150830T123600Z',
      '',
      'content-type;host;x-amz-content-sha256;x-amz-date',
      sha256('query=up&time=1'),
    ],
    signed: 'content-type;host;x-amz-content-sha256;x-amz-date',
  },
  {
    name: 'a query with a session token',
    request: { method: 'GET', url: 'http://h:9/a%20b?z=1&query=up%7Ba%3D%22b%22%7D', timeoutMs: 1 },
    canonical: [
      'GET',
      '/a%2520b',
      'query=up%7Ba%3D%22b%22%7D&z=1',
      'host:h:9',
      `x-amz-content-sha256:${sha256('')}`,
      'x-amz-date:20150830T123600Z',
      'x-amz-security-token:SESSION',
      '',
      'host;x-amz-content-sha256;x-amz-date;x-amz-security-token',
      sha256(''),
    ],
    signed: 'host;x-amz-content-sha256;x-amz-date;x-amz-security-token',
    token: 'SESSION',
  },
])('signs $name', async ({ request, canonical, signed, token }) => {
  const headers = await signedHeaders(request, scope, { ...identity, ...(token && { sessionToken: token }) }, now);
  const authorization = headers['authorization'] ?? headers['Authorization'];
  expect(authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/aps/aws4_request, SignedHeaders=${signed}, Signature=${signatureOf(canonical.join('\n'))}`,
  );
});
