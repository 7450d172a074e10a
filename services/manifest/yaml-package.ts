import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** The YAML package, read from disk when the first YAML comes: most servers see JSON only, and start sooner and smaller without it. */
export function yamlPackage(): typeof import('yaml') {
  return load('yaml') as typeof import('yaml');
}
