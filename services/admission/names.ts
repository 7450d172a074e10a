/** What a name breaks, as what would be right; undefined when it is fine. */
export type NameRule = (name: string) => string | undefined;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Names of objects. */
export const subdomain: NameRule = (name) =>
  name.length <= 253 && name.split('.').every((part) => LABEL.test(part))
    ? undefined
    : 'must be an RFC 1123 subdomain: lower case letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 253 characters';

/** Names of namespaces. */
export const dnsLabel: NameRule = (name) =>
  name.length <= 63 && LABEL.test(name)
    ? undefined
    : 'must be an RFC 1123 label: lower case letters, digits and "-", beginning and ending with a letter or digit, at most 63 characters';

/** Keys of labels and annotations: `example.com/name` or `name`. */
export const qualifiedName: NameRule = (key) => {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const prefixRight = slash < 0 || (slash > 0 && subdomain(key.slice(0, slash)) === undefined);
  return prefixRight && name.length <= 63 && QUALIFIED.test(name)
    ? undefined
    : 'a key is an optional DNS prefix and "/", then at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';
};

/** Values of labels. */
export const labelValue: NameRule = (value) =>
  value === '' || (value.length <= 63 && QUALIFIED.test(value))
    ? undefined
    : 'a label value is empty, or at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';

/** Kubernetes leaves out what could read as a word or as another letter. */
export const NAME_SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const LONGEST_PREFIX = 58;

/** A name from `generateName` and random bytes, five or more. */
export function generatedName(prefix: string, random: Uint8Array): string {
  const letters = Array.from(
    random.subarray(0, SUFFIX_LENGTH),
    (byte) => NAME_SUFFIX_LETTERS[byte % NAME_SUFFIX_LETTERS.length],
  );
  return prefix.slice(0, LONGEST_PREFIX) + letters.join('');
}
