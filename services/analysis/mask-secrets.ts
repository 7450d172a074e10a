const MASK = '*****';

/**
 * Takes secret values out of what is stored or shown. Argo masks messages only, and in plain form; here values and metadata are masked too, and the
 * forms that a URL or a JSON text gives a value. Longer values go first, so that one that contains another leaves nothing behind.
 */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return (text) => text;
  const forms = new Set(secrets.flatMap(formsOf));
  const longestFirst = [...forms].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** Both sides of a map: a secret may have become a key. */
export function maskMap(
  map: Readonly<Record<string, string>>,
  mask: (text: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [mask(name), mask(value)]));
}

function formsOf(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret.toWellFormed());
  return [secret, percent, percent.replaceAll('%20', '+'), JSON.stringify(secret).slice(1, -1)];
}
