import { conversions } from './conversions.ts';
import { dates } from './dates.ts';
import type { Implementation } from './implementation.ts';
import { lists } from './lists.ts';
import { maps } from './maps.ts';
import { numbers } from './numbers.ts';
import { strings } from './strings.ts';

/** The builtins that take values. Those that take a predicate are part of the compiler. */
export const implementations: ReadonlyMap<string, Implementation> = new Map(
  Object.entries({ ...conversions, ...dates, ...lists, ...maps, ...numbers, ...strings }),
);
