const DEFAULT_SERVER = 'http://127.0.0.1:8090';

/** Where a client finds the server: the flag, else ASSAY_SERVER, else the default address. Without a slash at the end. Throws Error when it is no HTTP address. */
export function serverUrl(flag: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const text = flag ?? (environment['ASSAY_SERVER'] || DEFAULT_SERVER);
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new Error(`"${text}" is no server address; write http://HOST:PORT`);
  return url.href.replace(/\/+$/u, '');
}
