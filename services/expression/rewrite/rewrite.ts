import type { Node } from '../node.ts';
import { combinePredicates } from './combination.ts';
import { countAny, countThreshold } from './counts.ts';
import { firstOfFilter, lastOfFilter, lengthOfFilter, mapOfFilter } from './filters.ts';
import { fold } from './fold.ts';
import { inList, inRange } from './membership.ts';
import { sumOfList, sumOfMap, sumOfRange } from './sums.ts';
import { walk } from './walk.ts';

/** Each looks for its pattern in the whole tree before the next begins; the order shows in what conditions yield. */
const PASSES = [
  inRange,
  mapOfFilter,
  lengthOfFilter,
  lastOfFilter,
  firstOfFilter,
  combinePredicates,
  sumOfRange,
  sumOfList,
  sumOfMap,
  countAny,
  countThreshold,
];

/**
 * The rewrites that expr-lang makes between checking and running, as far as they can be seen: in values, in errors, and in
 * what the memory budget counts. Changes the tree. Throws a FoldFailure for a constant that cannot be worked out.
 */
export function rewrite(tree: Node): Node {
  const features = featuresOf(tree);
  let node = features.hasIn ? walk(tree, inList) : tree;
  node = fold(node);
  if (features.hasIn || features.hasPredicate) for (const pass of PASSES) node = walk(node, pass);
  return node;
}

/** Most conditions have neither `in` nor a builtin over lists, and most passes look for those. */
function featuresOf(tree: Node): { hasIn: boolean; hasPredicate: boolean } {
  const features = { hasIn: false, hasPredicate: false };
  walk(tree, (node) => {
    if (node.kind === 'binary' && node.operator === 'in') features.hasIn = true;
    if (node.kind === 'builtin') features.hasPredicate = true;
    return node;
  });
  return features;
}
