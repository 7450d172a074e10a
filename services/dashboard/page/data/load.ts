import { useEffect, useState } from 'preact/hooks';

/** Reads JSON. Throws with what the server says is wrong. */
export async function readJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const answer = await fetch(path, { signal, headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(await problemOf(answer));
  return (await answer.json()) as T;
}

/** Assay's errors are Kubernetes' Status objects, Kayenta's have a message too. */
export async function problemOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // No JSON: something between us and Assay has answered.
  }
  return `the server answers ${answer.status} ${answer.statusText}`;
}

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly problem: string };

/** What is read from a path; read again when the path or `version` changes, and until then what was there stays. */
export function useLoaded<T>(path: string, version?: unknown): Loaded<T> {
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly result: Loaded<T> }>();
  useEffect(() => {
    const left = new AbortController();
    readJson<T>(path, left.signal).then(
      (value) => setLoaded({ path, result: { state: 'ready', value } }),
      (error: Error) => {
        if (!left.signal.aborted) setLoaded({ path, result: { state: 'failed', problem: error.message } });
      },
    );
    return () => left.abort();
  }, [path, version]);
  return loaded?.path === path ? loaded.result : { state: 'loading' };
}
