import type { Documents } from '../../src/index/document-store.ts';

/** Documents as JSON text: what cannot be written is noticed. */
export class MemoryDocuments implements Documents {
  readonly #texts = new Map<string, string>();

  all(): Map<string, unknown> {
    return new Map([...this.#texts].map(([id, text]) => [id, JSON.parse(text) as unknown]));
  }

  write(changes: Iterable<readonly [string, unknown]>): void {
    for (const [id, value] of changes) {
      if (value === undefined) this.#texts.delete(id);
      else this.#texts.set(id, JSON.stringify(value));
    }
  }
}
