import type { DirectoryItem, FileStat } from '../../src/core/file-system.ts';
import { DiskJournal } from './disk-journal.ts';
import type { Slot } from './disk-journal.ts';
import { DiskNode } from './disk-node.ts';
import type { Actor } from './disk-node.ts';
import { failPower, type Losses } from './disk-failure.ts';
import type { Denial } from './disk-rights.ts';
import { demandMovable, DiskTree, diskError } from './disk-tree.ts';

/** How many bytes a name takes. */
const NODE_BYTES = 64;
/** µs between two ticks of the clock that stamps files, as in a kernel of 250 Hz. */
const TICK_US = 4000;

export interface DiskParts {
  /** Wall-clock time in ms. */
  readonly now: () => number;
  /** ms that have passed, whatever is made of the wall clock. */
  readonly elapsed: () => number;
  readonly volume: string;
  /** Uniform in [0, 1). */
  readonly next: () => number;
}

/** Tells of something that happened to `name` in the folder `folder`. */
export type DiskListener = (folder: DiskNode, name: string, how: 'arrived' | 'written') => void;

/** A disk with one file system: what is in memory, and how much of it a failure of the power leaves. */
export class SimulatedDisk {
  /** Bytes. */
  capacity = Infinity;
  onChange: DiskListener = () => {};
  /** How often the power has failed. */
  failures = 0;
  /** Grows with every change. */
  changes = 0;
  readonly journal = new DiskJournal();
  readonly #parts: DiskParts;
  readonly #tree: DiskTree;
  readonly #free: number[] = [];
  readonly #dirty = new Set<DiskNode>();
  #lastNumber = 1;
  #used = 0;

  constructor(parts: DiskParts) {
    this.#parts = parts;
    this.#tree = new DiskTree(this.#time());
  }

  get root(): DiskNode {
    return this.#tree.root;
  }

  get used(): number {
    return this.#used;
  }

  space(): { available: number; total: number } {
    const total = Number.isFinite(this.capacity) ? this.capacity : 2 ** 40;
    return { available: Math.max(0, total - this.#used), total };
  }

  stat(path: string): FileStat {
    return this.#tree.demand(path).stat(this.#parts.volume);
  }

  statOf(node: DiskNode): FileStat {
    return node.stat(this.#parts.volume);
  }

  list(path: string): DirectoryItem[] {
    return [...this.#tree.folder(path).children].map(([name, { type }]) => ({ name, type }));
  }

  find(path: string): DiskNode | undefined {
    try {
      return this.#tree.demand(path);
    } catch {
      return undefined;
    }
  }

  readLink(path: string): string {
    const node = this.#tree.demand(path);
    if (node.type !== 'symlink') throw diskError('EINVAL', path);
    return node.target;
  }

  /** A file to read or write. */
  file(path: string): DiskNode {
    const node = this.#tree.demand(path);
    if (node.type === 'symlink') throw diskError('ELOOP', path);
    return node;
  }

  create(path: string, actor: Actor): DiskNode {
    const slot = this.#tree.vacant(path);
    const node = this.#make('file');
    this.#change(actor, [{ ...slot, is: node }], 'arrived');
    return node;
  }

  makeDirectory(path: string, actor: Actor): void {
    const slot = this.#tree.vacant(path);
    this.#change(actor, [{ ...slot, is: this.#make('directory') }], 'arrived');
  }

  symlink(target: string, path: string, actor: Actor): void {
    const slot = this.#tree.vacant(path);
    const node = this.#make('symlink');
    node.target = target;
    this.#change(actor, [{ ...slot, is: node }], 'arrived');
  }

  unlink(path: string, actor: Actor): void {
    const slot = this.#tree.slot(path);
    if (!slot.was) throw diskError('ENOENT', path);
    if (slot.was.type === 'directory') throw diskError('EISDIR', path);
    this.#change(actor, [{ ...slot, is: undefined }], 'arrived');
  }

  removeDirectory(path: string, actor: Actor): void {
    const slot = this.#tree.slot(path);
    if (!slot.was) throw diskError('ENOENT', path);
    if (slot.was.type !== 'directory') throw diskError('ENOTDIR', path);
    if (slot.was.children.size > 0) throw diskError('ENOTEMPTY', path);
    this.#change(actor, [{ ...slot, is: undefined }], 'arrived');
  }

  /** Gives a file or link a second name. */
  link(from: string, to: string, actor: Actor): void {
    const node = this.#tree.demand(from);
    const slot = this.#tree.vacant(to);
    this.#change(actor, [{ ...slot, is: node }], 'arrived');
  }

  rename(from: string, to: string, actor: Actor): void {
    const source = this.#tree.slot(from);
    const target = this.#tree.slot(to);
    const node = source.was;
    if (!node) throw diskError('ENOENT', from);
    if (node === target.was) return;
    demandMovable(node, target.was, from, to);
    this.#change(
      actor,
      [
        { ...source, is: undefined },
        { ...target, is: node },
      ],
      'arrived',
    );
  }

  setModified(path: string, mtimeUs: number, actor: Actor): void {
    const node = this.#tree.demand(path);
    this.#touch(node, actor);
    node.mtimeUs = mtimeUs;
    this.#tell(node);
  }

  setExecutable(path: string, executable: boolean, actor: Actor): void {
    const node = this.file(path);
    if (node.executable === executable) return;
    this.#touch(node, actor);
    node.executable = executable;
    this.#tell(node);
  }

  setDenial(node: DiskNode, denial: Denial | undefined): void {
    node.denial = denial;
    node.ctimeUs = this.#time();
    node.isHandled = true;
    this.changes += 1;
    this.#tell(node);
  }

  write(node: DiskNode, path: string, source: Uint8Array, position: number, actor: Actor): void {
    const growth = Math.max(0, position + source.length - node.data.length);
    if (growth > 0 && this.#used + growth > this.capacity) throw diskError('ENOSPC', path);
    this.#touch(node, actor);
    node.mtimeUs = this.#time();
    node.write(source, position);
    this.#used += growth;
    this.#tell(node);
  }

  truncate(node: DiskNode, path: string, size: number, actor: Actor): void {
    if (size === node.data.length) return;
    // A file may have holes, which take no room until they are written to; here they take it at once.
    if (this.#used + size - node.data.length > this.capacity) throw diskError('ENOSPC', path);
    this.#touch(node, actor);
    this.#used += size - node.data.length;
    node.mtimeUs = this.#time();
    node.resize(size);
    this.#tell(node);
  }

  flush(node: DiskNode): void {
    node.flush();
    this.#dirty.delete(node);
  }

  flushDirectory(path: string): void {
    this.journal.flush(this.#tree.folder(path));
  }

  close(node: DiskNode): void {
    node.opens -= 1;
    this.#release(node);
  }

  /** The power fails: of what was changed within `writebackMs` and not flushed, some survives. */
  crash(writebackMs: number): Losses {
    const { next, elapsed } = this.#parts;
    this.changes += 1;
    this.failures += 1;
    const names = [...this.#tree.below('')];
    const since = elapsed() - writebackMs;
    const losses = failPower({ next, since, names, dirty: this.#dirty, journal: this.journal }, (path) =>
      this.find(path),
    );
    this.#dirty.clear();
    this.#recount();
    return losses;
  }

  /** Everything that has a name at or below `path`, with it. */
  *files(path: string): Generator<readonly [path: string, node: DiskNode]> {
    yield* this.#tree.below(path);
  }

  /** What came back to life may have a number that was given again. */
  #recount(): void {
    const nodes = new Map<number, DiskNode>();
    this.#used = 0;
    this.#free.length = 0;
    for (const [, node] of this.#tree.below('')) {
      if (nodes.get(node.number) === node) continue;
      if (nodes.has(node.number)) node.number = this.#lastNumber += 1;
      nodes.set(node.number, node);
      this.#used += node.data.length;
    }
  }

  #touch(node: DiskNode, actor: Actor): void {
    node.touch(actor, this.#parts.elapsed());
    node.ctimeUs = this.#time();
    this.#dirty.add(node);
    this.changes += 1;
  }

  /** Under the names that it has now, whatever it was called when it was opened. */
  #tell(node: DiskNode): void {
    for (const [, folder] of this.#tree.below('')) {
      for (const [name, child] of folder.children) if (child === node) this.onChange(folder, name, 'written');
    }
  }

  #change(actor: Actor, slots: readonly Slot[], how: 'arrived'): void {
    const time = this.#time();
    for (const { folder, name, was, is } of slots) {
      is?.handle();
      folder.mtimeUs = time;
      folder.ctimeUs = time;
      if (is) {
        folder.children.set(name, is);
        is.links += 1;
        is.ctimeUs = time;
      } else folder.children.delete(name);
      if (was) {
        was.links -= 1;
        was.ctimeUs = time;
      }
    }
    this.changes += 1;
    this.journal.add({ actor, at: this.#parts.elapsed(), slots });
    for (const { was } of slots) if (was) this.#release(was);
    for (const { folder, name } of slots) this.onChange(folder, name, how);
  }

  #make(type: 'file' | 'directory' | 'symlink'): DiskNode {
    // As on ext4, numbers are given again soon.
    const number = (this.#parts.next() < 0.5 ? this.#free.pop() : undefined) ?? (this.#lastNumber += 1);
    if (this.#used + NODE_BYTES > this.capacity) throw diskError('ENOSPC', type);
    return new DiskNode(number, type, this.#time());
  }

  #release(node: DiskNode): void {
    if (node.links > 0 || node.opens > 0) return;
    this.#used -= node.data.length;
    this.#dirty.delete(node);
    if (!this.#free.includes(node.number)) this.#free.push(node.number);
  }

  #time(): number {
    return Math.floor((this.#parts.now() * 1000) / TICK_US) * TICK_US;
  }
}
