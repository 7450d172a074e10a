import { useEffect, useState } from 'preact/hooks';
import { type Loaded, useLoaded } from './load.ts';

const EVERY_MS = 2000;

/** What is read from a path, and read again now and then until it is complete. */
export function useLoadedUntil<T>(path: string, isComplete: (value: T) => boolean): Loaded<T> {
  const [version, setVersion] = useState(0);
  const loaded = useLoaded<T>(path, version);
  const isOpen = loaded.state === 'ready' && !isComplete(loaded.value);
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => setVersion(version + 1), EVERY_MS);
    return () => clearTimeout(timer);
  }, [isOpen, version]);
  return loaded;
}
