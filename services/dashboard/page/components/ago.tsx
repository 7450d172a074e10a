import { useEffect, useState } from 'preact/hooks';
import { duration, moment } from '../format/time.ts';

const listeners = new Set<() => void>();
setInterval(() => {
  for (const listener of listeners) listener();
}, 1000);

/** The time, again each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    listeners.add(tick);
    return () => void listeners.delete(tick);
  }, []);
  return now;
}

/** How long ago a time was, kept current; the time itself on pointing at it. */
export function Ago({ time }: { readonly time: string | undefined }) {
  const now = useNow();
  const at = time === undefined ? Number.NaN : Date.parse(time);
  if (time === undefined || Number.isNaN(at)) return <span>–</span>;
  return (
    <time dateTime={time} title={moment(time)}>
      {duration(Math.max(0, now - at))}
    </time>
  );
}
