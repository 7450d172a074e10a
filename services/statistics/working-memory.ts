/** 1 MiB of numbers. */
const KEPT_LENGTH = 2 ** 17;

/** An array to work in. Up to a size it is kept for the next use, since fresh arrays cost more than small samples' statistics; beyond, it is fresh and forgotten. */
export class WorkingMemory {
  private kept = new Float64Array(0);

  /** At least `length` numbers, whatever they are. What was taken before is no longer valid. */
  take(length: number): Float64Array<ArrayBuffer> {
    if (length > KEPT_LENGTH) return new Float64Array(length);
    if (this.kept.length < length) this.kept = new Float64Array(Math.min(2 * length, KEPT_LENGTH));
    return this.kept;
  }
}
