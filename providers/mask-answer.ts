import { ProviderError } from './contract.ts';

/** Takes an account's secrets out of what a provider says, in case a source repeats what it was sent. */
export type Mask = (text: string) => string;

/** A text shorter than this is no secret, and masking it would cut other words to pieces. */
const SHORTEST_SECRET = 4;

/** Undefined when there is nothing to mask. */
export function secretMask(secrets: readonly string[]): Mask | undefined {
  const forms = new Set(secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(formsOf));
  if (forms.size === 0) return undefined;
  // A secret that contains another goes first.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, '*****'), text);
}

/** Every text in an answer but those of a verdict's phase; numbers and samples stay as they are. */
export function maskAnswer<Answer>(answer: Answer, mask: Mask): Answer {
  if (typeof answer === 'string') return mask(answer) as Answer;
  if (typeof answer !== 'object' || answer === null || ArrayBuffer.isView(answer)) return answer;
  if (Array.isArray(answer)) return answer.map((item: unknown) => maskAnswer(item, mask)) as Answer;
  if (Object.getPrototypeOf(answer) !== Object.prototype) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, maskAnswer(value, mask)])) as Answer;
}

/** The cause goes: it may hold the request, and with it the credentials. */
export function maskError(error: unknown, mask: Mask): unknown {
  if (!(error instanceof ProviderError)) return error;
  const { kind, message, metadata, retryAt } = error;
  return new ProviderError(kind, mask(message), {
    ...(metadata !== undefined && { metadata: maskAnswer(metadata, mask) }),
    ...(retryAt !== undefined && { retryAt }),
  });
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1), base64];
}
