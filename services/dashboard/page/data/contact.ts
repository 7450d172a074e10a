import { useEffect, useState } from 'preact/hooks';

/** Whether the server is heard of. `since` is epoch milliseconds. */
export interface Contact {
  readonly state: 'unknown' | 'live' | 'lost';
  readonly since: number;
}

let contact: Contact = { state: 'unknown', since: Date.now() };
const listeners = new Set<() => void>();

/** Told by whoever listens to the server. */
export function setContact(state: Contact['state']): void {
  if (state === contact.state) return;
  contact = { state, since: Date.now() };
  for (const listener of listeners) listener();
}

export function useContact(): Contact {
  const [shown, setShown] = useState(contact);
  useEffect(() => {
    const update = () => setShown(contact);
    listeners.add(update);
    update();
    return () => void listeners.delete(update);
  }, []);
  return shown;
}
