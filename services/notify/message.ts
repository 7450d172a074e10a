import { inWords, type Notice } from './notice.ts';
import { plainLine } from './plain-text.ts';
import { FIRST_BREACH } from './triggers.ts';

/** What people read, before a channel gives it its form. */
export interface Message {
  readonly title: string;
  /** The evidence as label and text: metric, value, condition, samples and so on. */
  readonly rows: readonly (readonly [label: string, text: string])[];
  readonly sentence: string;
  readonly link?: string;
  /** A user's own text instead of rows and sentence, in the channel's own syntax. */
  readonly text?: string;
  /** What the reader should know about the message itself. */
  readonly note?: string;
}

/** The default text. `publicUrl` is where people reach the dashboard. */
export function messageOf(notice: Notice, publicUrl: string | undefined): Message {
  const { metric, value, conditions = [], limit, samples, since, sentence } = notice;
  const rows: (readonly [string, string | undefined])[] = [
    ['Metric', metric],
    ['Value', value],
    ...conditions.map((each) => ['Condition', inWords(each)] as const),
    ['Limit', limit],
    ['Samples', String(samples)],
    ['Since', since],
  ];
  const link = linkTo(notice, publicUrl);
  return {
    title: titleOf(notice),
    rows: rows.filter((row): row is [string, string] => row[1] !== undefined),
    sentence,
    ...(link !== undefined && { link }),
  };
}

export function linkTo({ run }: Notice, publicUrl: string | undefined): string | undefined {
  if (publicUrl === undefined) return undefined;
  const place = [run.namespace, run.name].map(encodeURIComponent).join('/');
  return `${publicUrl.replace(/\/+$/u, '')}/#/runs/${place}`;
}

function titleOf({ trigger, phase, run }: Notice): string {
  const name = plainLine(`${run.namespace}/${run.name}`);
  return trigger === FIRST_BREACH ? `Analysis run ${name}: first breach` : `Analysis run ${name} is ${phase}`;
}
