import type { RelativePath } from '../model/relative-path.ts';

interface Held {
  /** Of whoever holds it, and of all who wait for it or watch it. */
  holders: number;
  /** Resolves when all who hold it or wait for it by now have let go of it. */
  free: Promise<void> | undefined;
  /** Something happened to it that nobody has looked at. */
  touched: boolean;
}

/**
 * Paths that somebody is about to change himself, one at a time; what else happens to them is looked at when nobody
 * holds them any more.
 */
export class HeldPaths {
  readonly #onReleased: (path: RelativePath) => void;
  readonly #paths = new Map<RelativePath, Held>();

  constructor(onReleased: (path: RelativePath) => void) {
    this.#onReleased = onReleased;
  }

  /**
   * Waits until those who asked before for any of `paths` have let go of them. As each asks for all of his at once, and
   * then for no more, nobody waits for ever.
   * @returns what lets go of them; calling it again does nothing.
   */
  async hold(paths: readonly RelativePath[]): Promise<() => void> {
    const held = new Set(paths);
    let resolve!: () => void;
    const released = new Promise<void>((done) => (resolve = done));
    const before = [...held].flatMap((path) => this.#queue(path, released) ?? []);
    await Promise.all(before);
    return () => {
      for (const path of held) this.#release(path);
      held.clear();
      resolve();
    };
  }

  /** Keeps in mind what happens to `path`, held or not, until the function that is returned is called. */
  watch(path: RelativePath): () => void {
    this.#enter(path);
    return () => this.#release(path);
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

  /** What is to be waited for before it is one's own. */
  #queue(path: RelativePath, released: Promise<void>): Promise<void> | undefined {
    const held = this.#enter(path);
    const before = held.free;
    held.free = released;
    return before;
  }

  #enter(path: RelativePath): Held {
    const held = this.#paths.get(path) ?? { holders: 0, free: undefined, touched: false };
    held.holders += 1;
    this.#paths.set(path, held);
    return held;
  }

  #release(path: RelativePath): void {
    const held = this.#paths.get(path)!;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#paths.delete(path);
    if (held.touched) this.#onReleased(path);
  }
}
