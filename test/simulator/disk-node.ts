import type { FileStat, FileType } from '../../src/core/file-system.ts';
import type { Denial } from './disk-rights.ts';

/** Who does something to a disk: a crash may take away what a user did not flush, and nobody else is to blame. */
export type Actor = 'user' | 'agent';

/** What is on the platters of a file whose latest state is not. */
interface Flushed {
  readonly data: Buffer;
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  readonly executable: boolean;
}

/** What a crash may tear apart. Contents shorter than this are whole, old, or zeros. */
const SECTOR = 512;

/** A file, folder or link on a simulated disk, whatever its names. */
export class DiskNode {
  /** Of the inode. */
  number: number;
  readonly type: FileType;
  /** Of a folder. */
  readonly children = new Map<string, DiskNode>();
  /** Of a link. */
  target = '';
  data: Buffer = Buffer.alloc(0);
  mtimeUs: number;
  ctimeUs: number;
  executable = false;
  /** What programs may not do. */
  denial: Denial | undefined;
  /** Names. */
  links = 0;
  /** Open handles. */
  opens = 0;
  /** When it was first changed since it was flushed, in ms; undefined when it is flushed. */
  dirtySince: number | undefined;
  /** What it would hold if the disk had not damaged it. */
  healthy: Buffer | undefined;
  /**
   * Whether it has had other times, modes or names since, or was read anew after a crash, or by who knows nothing of it:
   * then nobody can tell the damage from an edit.
   */
  isHandled = false;
  /** Whether somebody who need not flush wrote to it since. */
  dirtiedByUser = false;
  #flushed: Flushed | undefined;
  #isShared = false;

  constructor(number: number, type: FileType, timeUs: number) {
    this.number = number;
    this.type = type;
    this.mtimeUs = timeUs;
    this.ctimeUs = timeUs;
  }

  stat(volume: string): FileStat {
    const { type, mtimeUs, ctimeUs, links } = this;
    const size = type === 'symlink' ? this.target.length : this.data.length;
    const executable = type === 'file' && this.executable && this.denial === undefined;
    return { type, size, mtimeUs, ctimeUs, inode: String(this.number), volume, executable, links };
  }

  /** Somebody does something to it, or to a folder that it is in. */
  handle(): void {
    this.isHandled = true;
    for (const child of this.children.values()) child.handle();
  }

  /** To be called before each change of content, time or mode. */
  touch(actor: Actor, now: number): void {
    if (actor === 'user') this.dirtiedByUser = true;
    this.isHandled = true;
    if (this.dirtySince !== undefined) return;
    this.dirtySince = now;
    const { data, mtimeUs, ctimeUs, executable } = this;
    this.#flushed = { data, mtimeUs, ctimeUs, executable };
    this.#isShared = true;
  }

  write(source: Uint8Array, position: number): void {
    const end = position + source.length;
    if (end > this.data.length) this.resize(end);
    else this.#own();
    this.data.set(source, position);
    this.healthy = undefined;
  }

  /** The disk changes a byte, and nothing else. */
  rot(at: number): void {
    this.healthy = this.data;
    this.isHandled = false;
    this.data = Buffer.from(this.data);
    this.data[at]! ^= 0xff;
    this.#isShared = false;
  }

  resize(size: number): void {
    const data = Buffer.alloc(size);
    this.data.copy(data, 0, 0, Math.min(size, this.data.length));
    this.data = data;
    this.healthy = undefined;
    this.#isShared = false;
  }

  flush(): void {
    this.dirtySince = undefined;
    this.dirtiedByUser = false;
    this.#flushed = undefined;
    this.#isShared = false;
  }

  /** The power fails: what was not flushed is there, is not, or is there in part. */
  crash(next: () => number): void {
    const before = this.#flushed;
    if (!before || this.dirtySince === undefined) return;
    const fate = next();
    if (fate < 0.35) this.data = before.data;
    else if (fate < 0.7) this.data = torn(before.data, this.data, next);
    // An inode is written at once, and not before the content that it speaks of.
    if (fate < 0.7 || next() < 0.5) {
      this.mtimeUs = before.mtimeUs;
      this.ctimeUs = before.ctimeUs;
      this.executable = before.executable;
      // As if it had never been changed, but for what it holds: who reads it much later takes that for damage.
      if (!this.data.equals(before.data)) {
        this.healthy = before.data;
        this.isHandled = true;
      }
    }
    this.flush();
  }

  #own(): void {
    if (!this.#isShared) return;
    this.data = Buffer.from(this.data);
    this.#isShared = false;
  }
}

function torn(before: Buffer, after: Buffer, next: () => number): Buffer {
  const size = next() < 0.3 ? before.length : after.length;
  const data = Buffer.alloc(size);
  // One in so many sectors is decided alone, so that large files cost no more than small ones.
  const step = Math.max(SECTOR, Math.ceil(size / 16 / SECTOR) * SECTOR);
  for (let at = 0; at < size; at += step) {
    const source = next() < 0.5 ? before : after;
    if (at < source.length) source.copy(data, at, at, Math.min(at + step, size));
  }
  return data;
}
