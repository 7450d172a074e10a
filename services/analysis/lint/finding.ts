/**
 * `error`: Argo takes the document and the run ends in Error. `warning`: it runs, and does something that its author will hardly have meant; the message
 * says the shortest way it goes wrong.
 */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** As Kubernetes writes it: `spec.metrics[0].count`. */
  readonly path: string;
  readonly message: string;
  /** What to write instead. */
  readonly fix?: string;
  /** Lines that show the place in the text: the condition with a caret. */
  readonly excerpt?: string;
}

export function error(path: string, message: string, fix?: string): Finding {
  return { severity: 'error', path, message, ...(fix !== undefined && { fix }) };
}

export function warning(path: string, message: string, fix?: string): Finding {
  return { severity: 'warning', path, message, ...(fix !== undefined && { fix }) };
}
