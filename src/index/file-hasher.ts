import type { FileStat } from '../core/file-system.ts';

/** The hashes of the first blocks of a file that is still being read. */
export interface HashProgress {
  /** As it was when the reading began. */
  readonly stat: FileStat;
  readonly blocks: Uint8Array;
}

export type HashOutcome =
  | {
      readonly type: 'hashed';
      /** The same before and after the reading. */
      readonly stat: FileStat;
      readonly blocks: Uint8Array;
      /** BLAKE3 of `blocks`. */
      readonly hash: Uint8Array;
    }
  | Unread;

export type DigestOutcome =
  { readonly type: 'digested'; readonly stat: FileStat; readonly digest: Uint8Array } | Unread;

/** `changed`: while it was read. `failed`: with the code of a system error, or `ABORTED` when the hasher stops. */
export type Unread = { readonly type: 'changed' } | { readonly type: 'failed'; readonly code: string };

/** Reads files and hashes them. Paths are absolute and native; symbolic links are refused. Nothing here rejects. */
export interface FileHasher {
  /**
   * The block hashes of a file.
   * @param size bytes, as far as known: small files go first.
   * @param onProgress told now and then while a long file is read, of more blocks each time.
   */
  hash(path: string, size: number, onProgress?: (progress: HashProgress) => void): Promise<HashOutcome>;
  /** The SHA-256 of a whole file. */
  sha256(path: string, size: number): Promise<DigestOutcome>;
}

/** Whether two looks at a path saw the same file with the same content, as far as its facts tell. */
export function isSameFile(a: FileStat, b: FileStat): boolean {
  return (
    a.type === b.type &&
    a.size === b.size &&
    a.mtimeUs === b.mtimeUs &&
    a.ctimeUs === b.ctimeUs &&
    a.inode === b.inode
  );
}

/** Progress is told when the blocks known are this many times those last told: what is sent stays in proportion. */
const GROWTH = 1.5;

/** Says when progress is worth telling, and remembers what was told. */
export class ProgressPace {
  #told = 0;

  isWorthTelling(blocks: number): boolean {
    if (blocks < Math.max(1, this.#told * GROWTH)) return false;
    this.#told = blocks;
    return true;
  }
}
