import type { Argument } from '../domain/template.ts';

/** What stands for a secret's value wherever the run is only scheduled, checked or assessed. */
const SECRET_STAND_IN = 'temp-for-secret';

/** For a reader: the stand-in says nothing. */
export const hideStandIns = (text: string): string => text.replaceAll(SECRET_STAND_IN, '*****');

export type SecretData = Readonly<Record<string, string>>;

/** The Secrets that the arguments name, each once, in order. */
export function secretNames(args: readonly Argument[]): readonly string[] {
  return [...new Set(args.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []))];
}

/** The arguments with every secret replaced by a stand-in. A secret reference beats a literal value. */
export function withStandIns(args: readonly Argument[]): readonly Argument[] {
  return args.map((arg) => (arg.valueFrom?.secretKeyRef ? { name: arg.name, value: SECRET_STAND_IN } : arg));
}

/**
 * The arguments with secrets read, and the secret values to mask. Throws Error: `secrets "x" not found` (the API server's words) or
 * `key 'k' does not exist in secret 's'`.
 */
export function withSecrets(
  args: readonly Argument[],
  secretOf: (name: string) => SecretData | undefined,
): { readonly args: readonly Argument[]; readonly secrets: readonly string[] } {
  const secrets = new Set<string>();
  const read = args.map((arg) => {
    const from = arg.valueFrom?.secretKeyRef;
    if (!from) return arg;
    const data = secretOf(from.name);
    if (data === undefined) throw new Error(`secrets "${from.name}" not found`);
    const value = Object.hasOwn(data, from.key) ? data[from.key] : undefined;
    if (value === undefined) throw new Error(`key '${from.key}' does not exist in secret '${from.name}'`);
    if (value !== '') secrets.add(value);
    return { name: arg.name, value };
  });
  return { args: read, secrets: [...secrets] };
}
