import { blake3 } from '../core/blake3.ts';
import type { FileSystem, OpenFile } from '../core/file-system.ts';
import type { LocalIndex } from '../index/local-index.ts';
import { blockHash } from '../model/file-entry.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { sameHash } from './hash-key.ts';
import type { Interruption } from './interruption.ts';
import { OpenFiles } from './open-files.ts';
import type { BlockMap } from './block-map.ts';
import type { Want } from './pull.ts';

/** A file that lacks blocks, and those who care. */
export interface Filling {
  readonly content: FileEntry;
  /** Where an older version may be. */
  readonly older: RelativePath;
  readonly target: { readonly have: BlockMap; readonly write: Want['write'] };
  readonly interruption: Interruption;
  /** A block of so many bytes was found. */
  readonly onBlock: (bytes: number) => void;
  /** Gets blocks from elsewhere, keeps them in `target`, and shows each. Rejects when nobody has them. */
  readonly fetch: (
    blocks: readonly number[],
    show: (block: number, bytes: Uint8Array) => void,
  ) => Promise<void>;
}

/** Where a block may lie. */
export interface Place {
  readonly path: RelativePath;
  readonly offset: number;
}

/** Files held open while blocks are collected from several. */
const MAX_OPEN_FILES = 8;

/** Blocks of local files: whatever the index says of them, each is checked before it counts. */
export class LocalBlocks {
  readonly #index: Pick<LocalIndex, 'locate'>;
  readonly #files: OpenFiles;

  constructor(index: Pick<LocalIndex, 'locate'>, fileSystem: FileSystem) {
    this.#index = index;
    this.#files = new OpenFiles(fileSystem, MAX_OPEN_FILES);
  }

  /** Copies a block into the target by way of `buffer`, which is just as long. Returns whether it was there. */
  async copy(filling: Filling, block: number, place: Place, buffer: Uint8Array): Promise<boolean> {
    const { content, target, interruption, onBlock } = filling;
    interruption.demandNone();
    if (!(await this.read(place, buffer, blockHash(content, block)!))) return false;
    await target.write(block, buffer);
    target.have.add(block);
    onBlock(buffer.length);
    return true;
  }

  /**
   * Fills `buffer`, and returns whether that are the bytes with the hash `wanted`; a file that cannot be read has none.
   */
  async read({ path, offset }: Place, buffer: Uint8Array, wanted: Uint8Array): Promise<boolean> {
    if (offset < 0) return false;
    try {
      const count = await this.with(path, (file) => file.read(buffer, offset));
      return count === buffer.length && sameHash(blake3(buffer), wanted);
    } catch {
      return false;
    }
  }

  /** Runs `use` on a local file, which stays open at least that long. Rejects as opening it does. */
  async with<Result>(path: RelativePath, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    return this.#files.with(this.#index.locate(path), use);
  }

  close(): void {
    this.#files.closeAll();
  }
}
