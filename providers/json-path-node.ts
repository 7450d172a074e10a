/**
 * A Kubernetes JSONPath template as a tree. A template is a list of parts: literal text, or an action in braces, which is a list of nodes that each take
 * the values of the one before.
 */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'literal'; readonly value: boolean | number | bigint }
  | { readonly type: 'slice'; readonly from: Bound; readonly to: Bound; readonly step: Bound }
  | { readonly type: 'filter'; readonly left: Action; readonly operator: string; readonly right: Action }
  | { readonly type: 'union'; readonly members: readonly Action[] }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' };

export interface Action {
  readonly type: 'action';
  readonly nodes: readonly Node[];
}

export type Part = Extract<Node, { readonly type: 'text' }> | Action;

/**
 * One number of a slice; `undefined` when it is not given. `[i]` alone is the slice from i to i + 1, whose end is `derived`: for i = -1 it is 0 and
 * then means the end of the list. Go's int: a bigint keeps what is beyond 2^53 exact in messages.
 */
export interface Bound {
  readonly value: bigint | undefined;
  readonly derived?: true;
}

/** A filter `[?(@.k)]` without comparison: the path has to exist. */
export const EXISTS = 'exists';
