import { type NumericValue, numericValues } from '../../../analysis/numeric-value.ts';
import { shortNumber } from '../../../charts/scale.ts';

const LONGEST = 24;

/** A measurement's value as a cell has room for it: its numbers with four digits, or the beginning of its text. */
export function shortValue(text: string): string {
  const numbers = numericValues(text);
  if (numbers.length === 0) return text.length > LONGEST ? `${[...text].slice(0, LONGEST).join('')}…` : text;
  const [first = '', second, ...others] = numbers.map(named);
  const more = others.length > 0 ? `, +${others.length}` : '';
  return `${first}${second === undefined ? '' : `, ${second}`}${more}`;
}

const named = ({ member, value }: NumericValue): string =>
  member === undefined ? shortNumber(value) : `${member} ${shortNumber(value)}`;
