import { chunksOf, MONTHS, WEEKDAYS } from './layout.ts';
import type { Civil, Time } from './time.ts';
import type { Offset } from './zone.ts';

export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

/** Go's `Time.Format`. */
export function formatTime(time: Time, layout: string): string {
  const civil = time.civil();
  const offset = time.zone.at(time.unixSeconds);
  let text = '';
  for (const { prefix, element } of chunksOf(layout)) text += prefix + formatElement(element, civil, offset);
  return text;
}

/** Go's `Time.String`. */
export function timeText(time: Time): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST');
}

function formatElement(element: string, civil: Civil, offset: Offset): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const hour12 = civil.hour % 12 === 0 ? 12 : civil.hour % 12;
  switch (element) {
    case '':
      return '';
    case '2006':
      return `${civil.year < 0 ? '-' : ''}${String(Math.abs(civil.year)).padStart(4, '0')}`;
    case '06':
      return two(((civil.year % 100) + 100) % 100);
    case 'January':
      return MONTHS[civil.month - 1]!;
    case 'Jan':
      return MONTHS[civil.month - 1]!.slice(0, 3);
    case '1':
      return String(civil.month);
    case '01':
      return two(civil.month);
    case 'Monday':
      return WEEKDAYS[civil.weekday]!;
    case 'Mon':
      return WEEKDAYS[civil.weekday]!.slice(0, 3);
    case '2':
      return String(civil.day);
    case '_2':
      return String(civil.day).padStart(2);
    case '02':
      return two(civil.day);
    case '__2':
      return String(civil.yearDay).padStart(3);
    case '002':
      return String(civil.yearDay).padStart(3, '0');
    case '15':
      return two(civil.hour);
    case '3':
      return String(hour12);
    case '03':
      return two(hour12);
    case '4':
      return String(civil.minute);
    case '04':
      return two(civil.minute);
    case '5':
      return String(civil.second);
    case '05':
      return two(civil.second);
    case 'PM':
      return civil.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return civil.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return offset.abbreviation === '' ? formatZone('-0700', offset.seconds) : offset.abbreviation;
    default:
      if (element.startsWith('.') || element.startsWith(',')) return formatFraction(element, civil.nanosecond);
      return element.startsWith('Z') && offset.seconds === 0 ? 'Z' : formatZone(element.slice(1), offset.seconds);
  }
}

/** Zeros in the layout are kept in the text, nines are dropped from the end. */
function formatFraction(element: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1);
  if (element[1] === '0') return element[0]! + digits.padEnd(element.length - 1, '0');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : element[0]! + kept;
}

/** `shape` is what follows the sign or the Z in the layout. */
function formatZone(shape: string, seconds: number): string {
  const separator = shape.includes(':') ? ':' : '';
  const parts = [3600, 60, 1].map((unit, index) =>
    String(Math.trunc(Math.abs(seconds) / unit) % (index === 0 ? 100 : 60)).padStart(2, '0'),
  );
  const count = shape.replace(/[-:]/g, '').length / 2;
  return (seconds < 0 ? '-' : '+') + parts.slice(0, count).join(separator);
}
