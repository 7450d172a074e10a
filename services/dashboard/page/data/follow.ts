import { setContact } from './contact.ts';

/** The server says something every five seconds; one that is silent for longer is gone, also when its connection hangs. */
const SILENT_FOR_MS = 12_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4000;

/**
 * Listens to a stream of events and comes back after each loss, telling the server in `after` up to which revision everything is known. Nothing is open while
 * nobody looks at the page: browsers allow six connections to a server in all its tabs. Answers how to stop.
 */
export function follow(
  path: string,
  query: Readonly<Record<string, string>>,
  on: Readonly<Record<string, (data: unknown) => void>>,
  known?: string,
): () => void {
  let after = known;
  let source: EventSource | undefined;
  let retryMs = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wait = (ms: number, then: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const lose = (): void => {
    close();
    setContact('lost');
    wait(retryMs, open);
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  };
  const heard = (): void => {
    setContact('live');
    retryMs = FIRST_RETRY_MS;
    wait(SILENT_FOR_MS, lose);
  };
  const open = (): void => {
    close();
    source = new EventSource(`${path}?${new URLSearchParams({ ...query, ...(after !== undefined && { after }) })}`);
    source.onerror = lose;
    source.addEventListener('here', heard);
    for (const [name, handle] of Object.entries(on))
      source.addEventListener(name, (event: MessageEvent<string>) => {
        heard();
        handle(JSON.parse(event.data));
        // Absent until a list is complete.
        if (event.lastEventId !== '') after = event.lastEventId;
      });
    wait(SILENT_FOR_MS, lose);
  };
  const look = (): void => (document.hidden ? close() : open());

  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
