import type { DiskNode } from './disk-node.ts';
import type { Oracle } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

export interface UserParts {
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly folder: string;
  readonly random: SeededRandom;
  readonly time: SimulatedTime;
  readonly oracle: Oracle;
  readonly trace: (what: string) => void;
}

/** Few, so that people get into each other's way. */
const FOLDERS = ['', 'd/', 'd/e/', 'f/'];
const NAMES = ['a', 'b.txt', 'ñandú', 'c.tar.gz'];
/** What people may ask their agents for. */
export const SELECTORS = [
  ...FOLDERS.flatMap((folder) => NAMES.map((name) => folder + name)),
  '**',
  'd',
  '*.txt',
];
/** More than one block of the smallest size: what is received in memory, and what is written to the disk as it comes. */
const LARGE_BYTES = [600_000, 1_700_000];
/** So often the bytes of a large content say where they are, lest its blocks be the same. */
const MARK_EVERY_BYTES = 50_000;

/** Somebody who works with the files of one device, knowing nothing of what else happens to them. */
export class SimulatedUser {
  readonly #parts: UserParts;
  #lastContent = 0;

  constructor(parts: UserParts) {
    this.#parts = parts;
  }

  /** Does one thing, at once or in pieces. */
  act(): void {
    const { random } = this.#parts;
    const acts: readonly (() => void)[] = [
      () => this.#write(),
      () => this.#write(),
      () => this.#save(),
      () => this.#save(),
      () => this.#edit(),
      () => this.#append(),
      () => this.#rename(),
      () => this.#rename(),
      () => this.#remove(),
      () => this.#remove(),
      () => this.#removeFolder(),
      () => this.#renameFolder(),
      () => this.#touch(),
      () => this.#copy(),
      () => this.#link(),
    ];
    try {
      random.pick(acts)();
    } catch (error) {
      // A user, too, is told that the disk is full, or that something is not there any more.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  /** Writes a file in its place, in pieces. */
  #write(): void {
    const { disk, random, trace } = this.#parts;
    const path = this.#anyPath();
    const content = this.#newContent();
    this.#makeParent(path);
    let node = disk.find(path);
    if (node?.type === 'directory') return;
    if (node?.type === 'symlink') this.#unlink(path);
    trace(`writes ${path}: ${content.subarray(0, 20).toString()} (${content.length} bytes)`);
    if (node?.type === 'file') this.#change(node, path, () => disk.truncate(node!, path, 0, 'user'));
    else node = disk.create(path, 'user');
    this.#writeOn(node, path, content, 1 + random.below(4));
  }

  /** Writes a file under another name and lets it take the place. */
  #save(): void {
    const { disk, trace } = this.#parts;
    const path = this.#anyPath();
    const content = this.#newContent();
    this.#makeParent(path);
    if (disk.find(path)?.type === 'directory') return;
    const temporary = `${path}.saved${this.#lastContent}`;
    trace(`saves ${path}: ${content.subarray(0, 20).toString()} (${content.length} bytes)`);
    const node = disk.create(temporary, 'user');
    this.#change(node, temporary, () => disk.write(node, temporary, content, 0, 'user'));
    this.#replace(temporary, path);
  }

  #edit(): void {
    const { disk, random, trace } = this.#parts;
    const file = this.#anyFile();
    if (!file || file.node.data.length === 0) return;
    const { path, node } = file;
    const at = random.below(node.data.length);
    trace(`edits ${path} at ${at}`);
    this.#change(node, path, () => disk.write(node, path, this.#stamp(), at, 'user'));
  }

  #append(): void {
    const { random, trace } = this.#parts;
    const file = this.#anyFile();
    if (!file) return;
    trace(`appends to ${file.path}`);
    this.#writeOn(file.node, file.path, this.#stamp(), 1 + random.below(2));
  }

  #rename(): void {
    const { disk, trace } = this.#parts;
    const file = this.#anyFile();
    const to = this.#anyPath();
    if (!file || file.path === to) return;
    this.#makeParent(to);
    if (disk.find(to)?.type === 'directory') return;
    trace(`renames ${file.path} to ${to}`);
    this.#replace(file.path, to);
  }

  #remove(): void {
    const file = this.#anyFile();
    if (!file) return;
    this.#parts.trace(`deletes ${file.path}`);
    this.#unlink(file.path);
  }

  #removeFolder(): void {
    const { disk, random, trace } = this.#parts;
    if (random.chance(0.7)) return;
    const path = this.#anyFolder();
    if (disk.find(path)?.type !== 'directory') return;
    trace(`deletes the folder ${path}`);
    const below = [...disk.files(path)].reverse();
    for (const [name, node] of below) {
      if (node.type === 'directory') disk.removeDirectory(name, 'user');
      else this.#unlink(name);
    }
  }

  #renameFolder(): void {
    const { disk, random, trace } = this.#parts;
    if (random.chance(0.5)) return;
    const from = this.#anyFolder();
    const to = `${this.#parts.folder}/${random.pick(['d', 'f', 'g', 'd/e'])}`;
    if (disk.find(from)?.type !== 'directory' || disk.find(to)) return;
    trace(`renames the folder ${from} to ${to}`);
    disk.rename(from, to, 'user');
  }

  #touch(): void {
    const { disk, random, trace } = this.#parts;
    const file = this.#anyFile();
    if (!file) return;
    trace(`touches ${file.path}`);
    if (random.chance(0.5)) disk.setExecutable(file.path, !file.node.executable, 'user');
    else disk.setModified(file.path, 1_700_000_000_000_000 + random.below(1e9), 'user');
  }

  #copy(): void {
    const { disk, trace } = this.#parts;
    const file = this.#anyFile();
    const to = this.#anyPath();
    if (!file || disk.find(to)) return;
    this.#makeParent(to);
    trace(`copies ${file.path} to ${to}`);
    const { data } = file.node;
    // Of what the disk has damaged there is another file now.
    file.node.handle();
    const node = disk.create(to, 'user');
    disk.write(node, to, data, 0, 'user');
  }

  #link(): void {
    const { disk, random, trace } = this.#parts;
    if (random.chance(0.7)) return;
    const path = this.#anyPath();
    if (disk.find(path)) return;
    this.#makeParent(path);
    trace(`links ${path}`);
    disk.symlink(random.pick(NAMES), path, 'user');
  }

  /** Writes on at the end of an open file, whatever happens to its name meanwhile. */
  #writeOn(node: DiskNode, path: string, content: Uint8Array, pieces: number): void {
    const { disk, random, time } = this.#parts;
    const length = Math.ceil(content.length / pieces);
    const { failures } = disk;
    node.opens += 1;
    const writeNext = (at: number) => {
      // Whoever wrote did not outlive his machine.
      if (disk.failures !== failures) return;
      try {
        const piece = content.subarray(at, at + length);
        this.#change(node, path, () => disk.write(node, path, piece, node.data.length, 'user'));
      } catch {
        disk.close(node);
        return;
      }
      if (at + length < content.length) {
        time.after(random.chance(0.7) ? random.next() * 50 : random.next() * 900, () =>
          writeNext(at + length),
        );
      } else disk.close(node);
    };
    writeNext(0);
  }

  #replace(from: string, to: string): void {
    const { disk, oracle } = this.#parts;
    const before = disk.find(to);
    const replaced = before && before !== disk.find(from) ? before.data : undefined;
    disk.rename(from, to, 'user');
    if (replaced) oracle.released(replaced);
  }

  #unlink(path: string): void {
    const { disk, oracle } = this.#parts;
    const node = disk.find(path);
    disk.unlink(path, 'user');
    if (node) oracle.released(node.data);
  }

  #change(node: DiskNode, path: string, work: () => void): void {
    const { oracle, name } = this.#parts;
    const before = Buffer.from(node.data);
    work();
    oracle.released(before);
    oracle.written(node, `${path} of ${name}: ${node.data.subarray(0, 60).toString()}`);
    // What is written to a file that has no name any more is as good as deleted.
    if (!this.#userFiles().some(([, named]) => named === node)) oracle.released(node.data);
  }

  #makeParent(path: string): void {
    const { disk, folder } = this.#parts;
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent === folder || disk.find(parent)) return;
    this.#makeParent(parent);
    disk.makeDirectory(parent, 'user');
  }

  #anyFolder(): string {
    const { folder, random } = this.#parts;
    return `${folder}/${random.pick(['d', 'd/e', 'f', 'g'])}`;
  }

  #anyPath(): string {
    const { folder, random } = this.#parts;
    return `${folder}/${random.pick(FOLDERS)}${random.pick(NAMES)}`;
  }

  /** One that is there. */
  #anyFile(): { path: string; node: DiskNode } | undefined {
    const files = this.#userFiles();
    if (files.length === 0) return undefined;
    const [path, node] = this.#parts.random.pick(files);
    return { path, node };
  }

  #userFiles(): (readonly [path: string, node: DiskNode])[] {
    const { disk, folder } = this.#parts;
    return [...disk.files(folder)].filter(
      ([path, { type }]) => type === 'file' && !path.includes('/.compartidos'),
    );
  }

  #stamp(): Buffer {
    this.#lastContent += 1;
    return Buffer.from(`<${this.#parts.name} #${this.#lastContent}>`);
  }

  #newContent(): Buffer {
    const { random } = this.#parts;
    const stamp = this.#stamp();
    if (random.chance(0.03)) return Buffer.alloc(0);
    if (random.chance(0.06)) return largeContent(random.pick(LARGE_BYTES) + random.below(1000), stamp);
    return Buffer.alloc(stamp.length + random.below(2000), stamp);
  }
}

function largeContent(bytes: number, stamp: Buffer): Buffer {
  const content = Buffer.alloc(bytes, stamp);
  for (let at = MARK_EVERY_BYTES; at < bytes - stamp.length; at += MARK_EVERY_BYTES)
    content.write(`<${at}>`, at);
  return content;
}
