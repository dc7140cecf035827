import type { RelativePath } from '../model/relative-path.ts';

/** Paths that somebody is about to change himself; they are looked at when he is done. */
export class HeldPaths {
  readonly #onReleased: (path: RelativePath) => void;
  readonly #holders = new Map<RelativePath, number>();

  constructor(onReleased: (path: RelativePath) => void) {
    this.#onReleased = onReleased;
  }

  has(path: RelativePath): boolean {
    return this.#holders.has(path);
  }

  /** @returns what lets go of them; calling it again does nothing. */
  hold(paths: readonly RelativePath[]): () => void {
    const held = new Set(paths);
    for (const path of held) this.#holders.set(path, (this.#holders.get(path) ?? 0) + 1);
    return () => {
      for (const path of held) this.#release(path);
      held.clear();
    };
  }

  #release(path: RelativePath): void {
    const holders = this.#holders.get(path)! - 1;
    if (holders > 0) {
      this.#holders.set(path, holders);
      return;
    }
    this.#holders.delete(path);
    this.#onReleased(path);
  }
}
