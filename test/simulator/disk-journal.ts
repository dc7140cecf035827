import type { Actor, DiskNode } from './disk-node.ts';

/** A name in a folder, what it stood for and what it stands for now. */
export interface Slot {
  readonly folder: DiskNode;
  readonly name: string;
  readonly was: DiskNode | undefined;
  readonly is: DiskNode | undefined;
}

/** Names that change together: a rename is one change. */
export interface NameChange {
  readonly actor: Actor;
  /** ms. */
  readonly at: number;
  readonly slots: readonly Slot[];
}

/**
 * Changes of names that are not on the platters yet. In a crash each is kept or not, but none without those before it
 * that were about the same name, file or folder: as file systems with a journal do, and no kinder.
 */
export class DiskJournal {
  #changes: NameChange[] = [];

  add(change: NameChange): void {
    this.#changes.push(change);
  }

  /** Makes all changes in `folder` durable, and those that they rest on. */
  flush(folder: DiskNode): void {
    const needed = new Basis();
    const kept: NameChange[] = [];
    for (const change of this.#changes.reverse()) {
      const isIn = change.slots.some((slot) => slot.folder === folder);
      if (isIn || needed.concerns(change) || needed.liesIn(change)) needed.add(change);
      else kept.push(change);
    }
    this.#changes = kept.reverse();
  }

  /** Undoes what does not survive. Returns files that their user, and nobody else, has lost their names by. */
  crash(since: number, next: () => number): DiskNode[] {
    const dropped: NameChange[] = [];
    const missing = new Basis();
    for (const change of this.#changes) {
      const survives = change.at < since || next() < 0.5;
      if (survives && !missing.concerns(change)) continue;
      missing.add(change);
      dropped.push(change);
    }
    this.#changes = [];
    const named: DiskNode[] = [];
    for (const { slots, actor } of dropped.reverse()) {
      for (const { folder, name, was, is } of slots) {
        if (is) is.links -= 1;
        if (was) was.links += 1;
        if (was) folder.children.set(name, was);
        else folder.children.delete(name);
        if (is && actor === 'user') named.push(is);
      }
    }
    return named.filter(({ links }) => links === 0);
  }
}

/** What some changes are about. */
class Basis {
  readonly #nodes = new Set<DiskNode>();
  readonly #names = new Map<DiskNode, Set<string>>();

  concerns({ slots }: NameChange): boolean {
    return slots.some(
      ({ folder, name, was, is }) =>
        this.#names.get(folder)?.has(name) ||
        this.#nodes.has(folder) ||
        (was && this.#nodes.has(was)) ||
        // A folder goes only when it is empty.
        (was && this.#names.has(was)) ||
        (is && this.#nodes.has(is)),
    );
  }

  /** Whether it has to do with the folders that these changes are in. */
  liesIn({ slots }: NameChange): boolean {
    return slots.some(({ is }) => is && this.#names.has(is));
  }

  add({ slots }: NameChange): void {
    for (const { folder, name, was, is } of slots) {
      const names = this.#names.get(folder) ?? new Set();
      this.#names.set(folder, names.add(name));
      if (was) this.#nodes.add(was);
      if (is) this.#nodes.add(is);
    }
  }
}
