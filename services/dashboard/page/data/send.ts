import { problemOf } from './load.ts';

export const ANALYSIS = '/apis/argoproj.io/v1alpha1';

/** The path of something with names of any kind in it. */
export const pathTo = (path: string, ...parts: readonly string[]): string =>
  [path, ...parts.map(encodeURIComponent)].join('/');

/** Asks the server to do something. Throws with what it says is wrong. */
export async function send<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<T> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await fetch(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': type } }),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw new Error(await problemOf(answer));
  return (await answer.json()) as T;
}
