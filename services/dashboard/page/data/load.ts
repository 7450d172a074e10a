import { useEffect, useState } from 'preact/hooks';
import { setContact } from './contact.ts';

/** What is read again is read so often at most, */
const EVERY_MS = 2000;
/** and waits for so many times what the last reading took: a page that somebody left open must not keep a large installation busy. */
const PAUSES_PER_READING = 20;

/** The server has answered, and did not give what was asked for. */
class NotGiven extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads JSON. Throws NotGiven with what the server says is wrong, and the browser's own errors when nobody answers. */
async function readJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const answer = await fetch(path, { signal, headers: { accept: 'application/json' } });
  if (!answer.ok) throw new NotGiven(answer.status, await problemOf(answer));
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
  return useLoadedUntil<T>(path, () => true, version);
}

/** What is read from a path, and kept current for as long as it is shown. */
export function useLive<T>(path: string, version?: unknown): Loaded<T> {
  return useLoadedUntil<T>(path, () => false, version);
}

/**
 * What is read from a path, and read again now and then until it is final. While Assay does not answer, what was there stays, and is read as soon as it answers
 * again; what it refuses is not asked for again.
 */
export function useLoadedUntil<T>(path: string, isFinal: (value: T) => boolean, version?: unknown): Loaded<T> {
  const [shown, setShown] = useState<{ readonly path: string; readonly loaded: Loaded<T> }>();
  useEffect(() => {
    const left = new AbortController();
    void keepReading(left.signal);
    return () => left.abort();

    async function keepReading(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const beganAt = performance.now();
        if (await read(signal)) return;
        await pause(Math.max(EVERY_MS, PAUSES_PER_READING * (performance.now() - beganAt)), signal);
        await inView(signal);
      }
    }

    /** Answers whether there is nothing more to come. */
    async function read(signal: AbortSignal): Promise<boolean> {
      try {
        const value = await readJson<T>(path, signal);
        setShown({ path, loaded: { state: 'ready', value } });
        setContact('live');
        return isFinal(value);
      } catch (error) {
        if (signal.aborted) return true;
        const problem = (error as Error).message;
        if (error instanceof NotGiven && error.status < 500) {
          setShown({ path, loaded: { state: 'failed', problem } });
          return true;
        }
        setContact('lost');
        setShown((before) => (before?.path === path ? before : { path, loaded: { state: 'failed', problem } }));
        return false;
      }
    }
  }, [path, version]);
  return shown?.path === path ? shown.loaded : { state: 'loading' };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}

/** Resolves once somebody looks at the page; not any more when the signal aborts. */
async function inView(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return;
  await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true, signal }));
}
