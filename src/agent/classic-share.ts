import { setImmediate } from 'node:timers/promises';
import type { FileSystem } from '../core/file-system.ts';
import type { EntryStore } from '../index/entry-store.ts';
import type { FolderIndex } from '../index/folder-index.ts';
import type { FileEntry } from '../model/file-entry.ts';
import { compileGlob } from '../model/glob.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { CompartidosError } from '../core/errors.ts';
import type { ClassicFile, ClassicFiles } from '../transport/classic-files.ts';

/** Paths held against a glob before others have their turn: few ms, since a stranger may ask for what matches none. */
const PATHS_AT_A_TIME = 500;

export interface ClassicShareParts {
  readonly store: EntryStore;
  readonly index: FolderIndex;
  readonly fileSystem: FileSystem;
}

/** What we share, as the classic protocol sees it: the live files of our index. */
export class ClassicShare implements ClassicFiles {
  readonly #parts: ClassicShareParts;

  constructor(parts: ClassicShareParts) {
    this.#parts = parts;
  }

  async lookup(path: RelativePath): Promise<ClassicFile | undefined> {
    const entry = this.#parts.index.get(path);
    const isRight = entry && !this.#parts.index.isCorrupt(path);
    return isRight && !entry.deleted && entry.type === 'file' ? this.#file(entry) : undefined;
  }

  async *list(glob: string | undefined): AsyncGenerator<ClassicFile> {
    const matches = glob === undefined ? () => true : compileGlob(glob);
    let seen = 0;
    for (const { path } of this.#parts.store.allFacts()) {
      seen += 1;
      if (seen % PATHS_AT_A_TIME === 0) await setImmediate();
      const file = matches(path) ? await this.lookup(path) : undefined;
      if (file) yield file;
    }
  }

  #file({ path, size, mtimeUs }: FileEntry): ClassicFile {
    const { index, fileSystem } = this.#parts;
    return {
      path,
      size,
      mtimeUs,
      async sha256() {
        const hash = await index.sha256(path);
        if (!hash) throw new CompartidosError('SOURCE_CHANGED', { path });
        return Buffer.from(hash).toString('hex');
      },
      open: () => fileSystem.open(index.locate(path), 'read'),
    };
  }
}
