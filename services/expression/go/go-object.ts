import type { GoType } from './go-type.ts';

/** A value that knows its Go type; what JSON yields needs none. */
export abstract class GoObject {
  abstract readonly type: GoType;
}
