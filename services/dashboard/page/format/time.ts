const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** `14:03:22`, in the reader's time zone. */
export const clockTime = (epochMs: number): string => clock.format(epochMs);

/** Date and time in the reader's zone; the text itself when it is no time. */
export function moment(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : day.format(at);
}

const short = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `30 Nov, 05:39`, where there is little room; the text itself when it is no time. */
export function shortMoment(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : short.format(at);
}

const STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'm', ms: 60_000 },
  { unit: 's', ms: 1000 },
] as const;

/** The two largest units: `3h 20m`, `45s`. */
export function duration(ms: number): string {
  const first = STEPS.findIndex((step) => ms >= step.ms);
  if (first < 0) return '0s';
  const { unit, ms: size } = STEPS[first]!;
  const whole = `${Math.floor(ms / size)}${unit}`;
  const next = STEPS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next.ms);
  return rest === 0 || next === undefined ? whole : `${whole} ${rest}${next.unit}`;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const hourMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayHour = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** The ticks of a time axis, in seconds: as exact as they are far apart. */
export function timeTicks(ticks: readonly number[]): string[] {
  const first = (ticks[0] ?? 0) * 1000;
  const step = (ticks[1] ?? 0) * 1000 - first;
  const spansDays = (ticks.at(-1) ?? 0) * 1000 - first > DAY_MS;
  const format = spansDays ? dayHour : step >= MINUTE_MS || step <= 0 ? hourMinute : clock;
  return ticks.map((tick) => format.format(tick * 1000));
}
