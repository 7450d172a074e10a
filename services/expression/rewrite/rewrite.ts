import { forEachNode, type Node } from '../node.ts';
import { combinePredicates } from './combination.ts';
import { countAny, countThreshold } from './counts.ts';
import { firstOfFilter, lastOfFilter, lengthOfFilter, mapOfFilter } from './filters.ts';
import { fold } from './fold.ts';
import { inList, inRange } from './membership.ts';
import { sumOfList, sumOfMap, sumOfRange } from './sums.ts';
import { type Visit, walk } from './walk.ts';

/** Builtins, or the operator `in`. */
type Trigger = 'in' | 'filter' | 'map' | 'all' | 'any' | 'none' | 'sum' | 'reduce' | 'count';

/**
 * Each looks for its pattern in the whole tree before the next begins; the order shows in what conditions yield. Without one
 * of its triggers in the condition a pass has nothing to find.
 */
const PASSES: readonly { readonly visit: Visit; readonly triggers: readonly Trigger[] }[] = [
  { visit: inRange, triggers: ['in'] },
  { visit: mapOfFilter, triggers: ['map'] },
  { visit: lengthOfFilter, triggers: ['filter'] },
  { visit: lastOfFilter, triggers: ['filter'] },
  { visit: firstOfFilter, triggers: ['filter'] },
  { visit: combinePredicates, triggers: ['all', 'any', 'none'] },
  { visit: sumOfRange, triggers: ['sum', 'reduce'] },
  { visit: sumOfList, triggers: ['sum'] },
  { visit: sumOfMap, triggers: ['sum'] },
  // A filter under len has become a count by now.
  { visit: countAny, triggers: ['count', 'filter'] },
  { visit: countThreshold, triggers: ['count', 'filter'] },
];

/**
 * The rewrites that expr-lang makes between checking and running, as far as they can be seen: in values, in errors, and in
 * what the memory budget counts. Changes the tree. Throws a FoldFailure for a constant that cannot be worked out.
 */
export function rewrite(tree: Node): Node {
  const present = triggersIn(tree);
  let node = present.has('in') ? walk(tree, inList) : tree;
  node = fold(node);
  if (present.size === 0) return node;
  for (const { triggers, visit } of PASSES)
    if (triggers.some((trigger) => present.has(trigger))) node = walk(node, visit);
  return node;
}

/** The names of all builtins, and `in`. */
function triggersIn(tree: Node): ReadonlySet<string> {
  const present = new Set<string>();
  forEachNode(tree, (node) => {
    if (node.kind === 'builtin') present.add(node.name);
    else if (node.kind === 'binary' && node.operator === 'in') present.add('in');
  });
  return present;
}
