import type { Resource } from '../domain/resource.ts';
import { type Change, type Kind, type Selection, StoreError } from '../engine/ports.ts';

/** Where a document stands among those of its kind. NUL sorts before every character of a name: by namespace, then by name. */
export const positionOf = (key: { readonly namespace?: string; readonly name: string }): string =>
  `${key.namespace ?? ''}\0${key.name}`;

/** The document as the store keeps and returns it at a revision. */
export function stamped(document: Resource, revision: number): Resource {
  return { ...document, metadata: { ...document.metadata, resourceVersion: String(revision) } };
}

/** Kind and namespace only. */
export function isInScope(selection: Selection, document: Resource): boolean {
  if (document.kind !== selection.kind) return false;
  return selection.namespace === undefined || selection.namespace === (document.metadata.namespace ?? '');
}

export function isSelected(selection: Selection, document: Resource): boolean {
  return isInScope(selection, document) && (selection.matches === undefined || selection.matches(document));
}

/** A change in a store's history. What it is about is known without reading it, and most changes concern nobody. */
export interface HistoryEntry {
  readonly revision: number;
  readonly type: Change['type'];
  readonly kind: string;
  readonly namespace: string;
  /** Of the document, among those of its kind. */
  readonly position: string;
  /** The size of what is kept, as text. */
  readonly characters: number;
  /** The same object each time. */
  read(): Change;
  /** The document before the change, if there was one, to be read by itself. */
  previous(): EarlierDocument | undefined;
}

export interface EarlierDocument {
  /** The size of what is kept for it alone. */
  readonly characters: number;
  read(): Resource;
}

export function entryOf(change: Change, characters: number): HistoryEntry {
  const { revision, type, document } = change;
  const { kind, metadata } = document;
  return {
    revision,
    type,
    kind,
    namespace: metadata.namespace ?? '',
    position: positionOf(metadata),
    characters,
    read: () => change,
    previous: () => previousOf(change),
  };
}

/** Of a change that is kept as a whole. */
export function previousOf({ previous }: Change): EarlierDocument | undefined {
  return previous && { characters: 0, read: () => previous };
}

/** Kind and namespace only. */
export function isAbout(selection: Selection, { kind, namespace }: HistoryEntry): boolean {
  return kind === selection.kind && (selection.namespace === undefined || selection.namespace === namespace);
}

/** The change, if its document is selected before or after it. */
export function selectedChange(selection: Selection, entry: HistoryEntry): Change | undefined {
  if (!isAbout(selection, entry)) return undefined;
  const change = entry.read();
  const { matches = () => true } = selection;
  const { document, previous } = change;
  return matches(document) || (previous !== undefined && matches(previous)) ? change : undefined;
}

/** Which document, and the revision that a write expects of it. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly expected?: string;
}

export function targetOf({ kind, metadata }: Resource): Target {
  return { kind: kind as Kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

export type Refusal = 'already-exists' | 'conflict' | 'not-found';

/** The error of a write that did not happen. */
export function refused(refusal: Refusal, target: Target): StoreError {
  const place = target.namespace === '' ? target.name : `${target.namespace}/${target.name}`;
  const what = `${target.kind} "${place}"`;
  switch (refusal) {
    case 'already-exists':
      return new StoreError(refusal, `${what} already exists`);
    case 'not-found':
      return new StoreError(refusal, `${what} not found`);
    case 'conflict':
      return new StoreError(refusal, `${what} was changed since revision ${target.expected}: read it again`);
  }
}
