/** Programs of one generation; two generations are kept. */
const GENERATION_SIZE = 1_000;
/** Longer texts are compiled anew each time rather than kept. */
const MAX_TEXT = 10_000;

/**
 * Keeps what is in use: when a generation is full it becomes the old one, and what is asked for again moves to the new one.
 * Cheaper than an exact order of use, and bounded all the same.
 */
export class ProgramCache<P> {
  #young = new Map<string, Map<string, P>>();
  #old = new Map<string, Map<string, P>>();
  #youngSize = 0;

  get(type: string, text: string): P | undefined {
    const found = this.#young.get(type)?.get(text);
    if (found !== undefined) return found;
    const old = this.#old.get(type)?.get(text);
    if (old !== undefined) this.set(type, text, old);
    return old;
  }

  set(type: string, text: string, program: P): void {
    if (text.length > MAX_TEXT) return;
    if (this.#youngSize >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    let texts = this.#young.get(type);
    if (texts === undefined) {
      texts = new Map();
      this.#young.set(type, texts);
    }
    texts.set(text, program);
    this.#youngSize += 1;
  }
}
