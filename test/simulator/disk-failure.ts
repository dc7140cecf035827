import type { DiskJournal } from './disk-journal.ts';
import type { DiskNode } from './disk-node.ts';

/** What only its user could have kept from a crash. */
export interface Losses {
  /** They are gone. */
  readonly contents: Buffer[];
  /** Files that are now as nobody has written them. */
  readonly torn: DiskNode[];
}

interface Unflushed {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** What was changed before that has been written back; ms. */
  readonly since: number;
  /** All names, and what has them. */
  readonly names: readonly (readonly [path: string, node: DiskNode])[];
  readonly dirty: Iterable<DiskNode>;
  readonly journal: DiskJournal;
}

/** The power fails: of what was not flushed, some survives. `find`: what has a name afterwards. */
export function failPower(
  { next, since, names, dirty, journal }: Unflushed,
  find: (path: string) => DiskNode | undefined,
): Losses {
  const losses: Losses = { contents: [], torn: [] };
  const unsaved = new Map<DiskNode, Buffer>();
  for (const node of dirty) {
    const { data, dirtiedByUser } = node;
    if (dirtiedByUser) unsaved.set(node, data);
    if (node.dirtySince! < since) node.flush();
    else node.crash(next);
    if (node.data.equals(data)) continue;
    if (dirtiedByUser) losses.contents.push(data);
    if (dirtiedByUser) losses.torn.push(node);
  }
  for (const node of journal.crash(since, next)) losses.contents.push(node.data);
  // Who saves a file for good saves its name, too, whoever gave it.
  for (const [path, node] of names) if (find(path) === node) unsaved.delete(node);
  losses.contents.push(...unsaved.values());
  return losses;
}
