import type { OpenFile } from '../core/file-system.ts';
import type { RelativePath } from '../model/relative-path.ts';

/** A shared file as the classic protocol sees it. */
export interface ClassicFile {
  readonly path: RelativePath;
  /** Bytes. */
  readonly size: number;
  /** µs since the Unix epoch. */
  readonly mtimeUs: number;
  /** Hex. May take as long as reading the file. */
  sha256(): Promise<string>;
  /** Rejects when it is no longer a regular file inside the shared folder. */
  open(): Promise<OpenFile>;
}

/** What is shared, regular files only: nothing else can be reached through the classic protocol. */
export interface ClassicFiles {
  lookup(path: RelativePath): Promise<ClassicFile | undefined>;
  /** Those that match, or all. The glob has been checked. */
  list(glob: string | undefined): AsyncIterable<ClassicFile>;
}
