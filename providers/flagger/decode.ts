import type { Json } from '../../services/domain/result.ts';
import { decodeJson } from '../go-json.ts';
import { refused } from './source.ts';

/** An answer as JSON. Throws ProviderError with Flagger's words. */
export function decode(body: string): Json {
  try {
    return decodeJson(body);
  } catch (error) {
    throw refused(`error unmarshaling result: ${(error as Error).message}, '${body}'`);
  }
}
