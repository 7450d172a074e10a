/** Paths are for reading. Without a bound a very long name would stand in the path of each field below it, and a megabyte become hundreds of them. */
const MOST_SHOWN = 256;

/** Kubernetes' decoder stops at this many unknown and repeated fields too. */
export const MOST_FIELDS_FOUND = 100;

/** The field `key` of the object at `path`, as Kubernetes writes it: `spec.metrics[0].name`. Long ones are cut and end in `…`. */
export function fieldPath(path: string, key: string): string {
  return shownPath(path === '' ? key : `${path}.${key}`);
}

export function shownPath(path: string): string {
  return path.length <= MOST_SHOWN ? path : `${path.slice(0, MOST_SHOWN)}…`;
}
