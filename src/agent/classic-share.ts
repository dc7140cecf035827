import type { EntryStore } from '../index/entry-store.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { compileGlob } from '../model/glob.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { ClassicFile, ClassicFiles } from '../transport/classic-files.ts';

export interface ClassicShareParts {
  readonly store: EntryStore;
  readonly files: FileSystem;
  /** The native, absolute path of a shared file. */
  readonly locate: (path: RelativePath) => string;
  /** SHA-256 of a file, by its native path. Rejects when it cannot be read. */
  readonly sha256: (path: string) => Promise<Uint8Array>;
}

/** What we share, as the classic protocol sees it: the live files of our index. */
export class ClassicShare implements ClassicFiles {
  readonly #parts: ClassicShareParts;

  constructor(parts: ClassicShareParts) {
    this.#parts = parts;
  }

  async lookup(path: RelativePath): Promise<ClassicFile | undefined> {
    const entry = this.#parts.store.get(path);
    return entry && isFile(entry) ? this.#file(entry) : undefined;
  }

  async *list(glob: string | undefined): AsyncGenerator<ClassicFile> {
    const matches = glob === undefined ? () => true : compileGlob(glob);
    for (const { path, deleted, type } of this.#parts.store.allFacts()) {
      if (deleted || type !== 'file' || !matches(path)) continue;
      const entry = this.#parts.store.get(path);
      if (entry && isFile(entry)) yield this.#file(entry);
    }
  }

  #file(entry: FileEntry): ClassicFile {
    const { store, files, locate, sha256 } = this.#parts;
    const { path, size, mtimeUs } = entry;
    return {
      path,
      size,
      mtimeUs,
      async sha256() {
        const known = store.sha256(path) ?? (await sha256(locate(path)));
        store.setSha256(entry, known);
        return Buffer.from(known).toString('hex');
      },
      open: () => files.open(locate(path), 'read'),
    };
  }
}

function isFile({ deleted, type }: FileEntry): boolean {
  return !deleted && type === 'file';
}
