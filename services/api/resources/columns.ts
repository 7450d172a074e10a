import type { Resource } from '../../domain/resource.ts';
import { durationText } from './duration-text.ts';

/** A column of the Table that `kubectl get` prints. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer';
  readonly format?: string;
  readonly description: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number;
  /** Dates are already texts: ages are told by the server. */
  cell(document: Resource, now: number): string | number;
}

type Loose = Readonly<Record<string, unknown>>;

function memberOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((current, member) => (current as Loose | null | undefined)?.[member], value);
}

function textOf(value: unknown, ...path: readonly string[]): string {
  const found = memberOf(value, ...path);
  return typeof found === 'string' ? found : '';
}

function ageSince(time: string, now: number): string {
  const since = Date.parse(time);
  return Number.isNaN(since) ? '<unknown>' : durationText(now - since);
}

export const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Unique in the namespace.',
  cell: (document) => document.metadata.name,
};

export const AGE: Column = {
  name: 'Age',
  type: 'date',
  description: 'How long ago it was created.',
  cell: (document, now) => ageSince(document.metadata.creationTimestamp ?? '', now),
};

export const RUN_COLUMNS: readonly Column[] = [
  NAME,
  { name: 'Status', type: 'string', description: 'AnalysisRun status', cell: (run) => textOf(run, 'status', 'phase') },
  AGE,
  {
    name: 'Message',
    type: 'string',
    description: 'Why the run ended as it did.',
    priority: 1,
    cell: (run) => textOf(run, 'status', 'message'),
  },
];

export const NAMESPACE_COLUMNS: readonly Column[] = [
  NAME,
  {
    name: 'Status',
    type: 'string',
    description: 'Always Active.',
    cell: (namespace) => textOf(namespace, 'status', 'phase'),
  },
  AGE,
];

const firstSeen = (event: Resource) =>
  textOf(event, 'firstTimestamp') || textOf(event, 'eventTime') || (event.metadata.creationTimestamp ?? '');
const lastSeen = (event: Resource) =>
  textOf(event, 'series', 'lastObservedTime') || textOf(event, 'lastTimestamp') || firstSeen(event);
const countOf = (event: Resource) => Number(memberOf(event, 'series', 'count') ?? memberOf(event, 'count') ?? 1);

export const EVENT_COLUMNS: readonly Column[] = [
  {
    name: 'Last Seen',
    type: 'string',
    description: 'How long ago it was last seen.',
    cell(event, now) {
      const age = ageSince(lastSeen(event), now);
      return countOf(event) > 1 ? `${age} (x${countOf(event)} over ${ageSince(firstSeen(event), now)})` : age;
    },
  },
  { name: 'Type', type: 'string', description: 'Normal or Warning.', cell: (event) => textOf(event, 'type') },
  { name: 'Reason', type: 'string', description: 'Why, as one word.', cell: (event) => textOf(event, 'reason') },
  {
    name: 'Object',
    type: 'string',
    description: 'What it happened to.',
    cell: (event) =>
      `${textOf(event, 'involvedObject', 'kind').toLowerCase()}/${textOf(event, 'involvedObject', 'name')}`,
  },
  {
    name: 'Subobject',
    type: 'string',
    description: 'The part of the object.',
    priority: 1,
    cell: (event) => textOf(event, 'involvedObject', 'fieldPath'),
  },
  {
    name: 'Source',
    type: 'string',
    description: 'Who told.',
    priority: 1,
    cell: (event) =>
      [textOf(event, 'source', 'component') || textOf(event, 'reportingComponent'), textOf(event, 'source', 'host')]
        .filter(Boolean)
        .join(', '),
  },
  { name: 'Message', type: 'string', description: 'What happened.', cell: (event) => textOf(event, 'message').trim() },
  {
    name: 'First Seen',
    type: 'string',
    description: 'How long ago it was first seen.',
    priority: 1,
    cell: (event, now) => ageSince(firstSeen(event), now),
  },
  { name: 'Count', type: 'integer', description: 'How often it was seen.', priority: 1, cell: countOf },
  { ...NAME, priority: 1 },
];
