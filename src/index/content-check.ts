import { join } from 'node:path';
import type { Logger } from '../core/logger.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { EntryStore, LocalFacts } from './entry-store.ts';
import type { FileHasher } from './file-hasher.ts';
import { isKnown } from './known-file.ts';

export interface CheckParts {
  /** The shared folder, absolute. */
  readonly folder: string;
  readonly store: EntryStore;
  readonly hasher: FileHasher;
  readonly logger: Logger;
  readonly factsOf: (path: RelativePath) => LocalFacts | undefined;
  /** How the disk spells a path, below the shared folder. */
  readonly nativeOf: (path: RelativePath) => string;
  /** Throws while the shared folder is not there or another one. */
  readonly assertFolder: () => void;
}

export interface CheckResult {
  /** That were read. */
  readonly files: number;
  readonly bytes: number;
  readonly corrupt: readonly RelativePath[];
}

/**
 * Reads every file again and names those whose content changed although their size and times did not.
 * @throws FOLDER_MISSING, FOLDER_CHANGED
 */
export async function checkContents(parts: CheckParts): Promise<CheckResult> {
  const { folder, store, hasher, logger } = parts;
  const corrupt: RelativePath[] = [];
  let files = 0;
  let bytes = 0;
  for (const { path, type, deleted, hashed, size } of store.allFacts()) {
    if (type !== 'file' || deleted || !hashed) continue;
    parts.assertFolder();
    const native = parts.nativeOf(path);
    const outcome = await hasher.hash(join(folder, native), size);
    if (outcome.type !== 'hashed') continue;
    files += 1;
    bytes += size;
    const isSame = isKnown(parts.factsOf(path), { path, native, stat: outcome.stat });
    const known = store.get(path)?.hash;
    if (!isSame || !known || Buffer.compare(known, outcome.hash) === 0) continue;
    logger.error('file.corrupt', { path });
    corrupt.push(path);
  }
  return { files, bytes, corrupt };
}
