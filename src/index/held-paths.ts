import type { RelativePath } from '../model/relative-path.ts';

interface Held {
  holders: number;
  /** Something happened to it that nobody has looked at. */
  touched: boolean;
}

/** Paths that somebody is about to change himself; what else happens to them is looked at when he is done. */
export class HeldPaths {
  readonly #onReleased: (path: RelativePath) => void;
  readonly #paths = new Map<RelativePath, Held>();

  constructor(onReleased: (path: RelativePath) => void) {
    this.#onReleased = onReleased;
  }

  /** @returns what lets go of them; calling it again does nothing. */
  hold(paths: readonly RelativePath[]): () => void {
    const held = new Set(paths);
    for (const path of held) {
      const known = this.#paths.get(path);
      if (known) known.holders += 1;
      else this.#paths.set(path, { holders: 1, touched: false });
    }
    return () => {
      for (const path of held) this.#release(path);
      held.clear();
    };
  }

  /** Whether it is held; if so, what happened to it is kept in mind. */
  keep(path: RelativePath): boolean {
    const held = this.#paths.get(path);
    if (held) held.touched = true;
    return held !== undefined;
  }

  has(path: RelativePath): boolean {
    return this.#paths.has(path);
  }

  /** Its facts have just been taken: what happened before is known. */
  forget(path: RelativePath): void {
    const held = this.#paths.get(path);
    if (held) held.touched = false;
  }

  #release(path: RelativePath): void {
    const held = this.#paths.get(path)!;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#paths.delete(path);
    if (held.touched) this.#onReleased(path);
  }
}
