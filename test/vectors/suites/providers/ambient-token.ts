import { serve } from '../../../support/http-server.ts';

/** The token that a case's machine has. */
const TOKEN = 'tok';

/** Runs with a metadata server that answers with the token of the machine's own account; `settings` lead to it. */
export async function withAmbientToken<T>(run: (settings: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
  const metadata = await serve((request, response) => {
    const isAsked = request.headers['metadata-flavor'] === 'Google';
    response
      .writeHead(isAsked ? 200 : 403, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: TOKEN, expires_in: 3599, token_type: 'Bearer' }));
  });
  try {
    return await run({ GCE_METADATA_HOST: new URL(metadata.url).host });
  } finally {
    await metadata.close();
  }
}
