import type { FileRow, RowReader } from '../index/row-reader.ts';
import { compileGlob, isGlob } from '../model/glob.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { fold } from './fold.ts';
import { globLiterals } from './glob-literals.ts';
import { NameArena } from './name-arena.ts';

/** One content under one path, and the numbers of the devices that have it. */
export interface FileMatch {
  readonly path: RelativePath;
  readonly size: number;
  readonly mtimeUs: number;
  readonly hash: Uint8Array | undefined;
  readonly devices: readonly number[];
}

/** Names read into memory at a time: a few ms of work. */
const PAGE = 5000;
/** Rows looked up at a time. */
const BATCH = 500;
/** Names that may be of entries no longer known, besides as many again as there are known ones. */
const STALE_NAMES = 10_000;

/** Finds files of all devices by name. The names are in memory, everything else is looked up in the database. */
export class FileSearch {
  readonly #rows: RowReader;
  readonly #arena = new NameArena();
  #last = 0;

  constructor(rows: RowReader) {
    this.#rows = rows;
  }

  /** Names in memory and the bytes that they take. */
  get names(): { readonly count: number; readonly bytes: number } {
    return { count: this.#arena.count, bytes: this.#arena.bytes };
  }

  /** Reads the next names into memory; says whether there may be more. `find` reads what is missing by itself. */
  readAhead(): boolean {
    const { rows, paths } = this.#rows.pathsAfter(this.#last, PAGE);
    if (rows.length > 0) {
      this.#arena.add(rows, fold(paths).split('\\'));
      this.#last = rows.at(-1)!;
    }
    return rows.length === PAGE;
  }

  /**
   * At most `limit` live files whose path matches, by ascending path; which ones, when more match, is not defined.
   * With `from`, only those that the device of that number has. Each comes with all devices that have it.
   * @throws GLOB_INVALID
   */
  find(query: string, limit: number, from?: number): FileMatch[] {
    const folded = fold(query);
    const glob = isGlob(folded) ? compileGlob(folded) : undefined;
    const texts = glob ? globLiterals(folded) : [folded];
    this.#catchUp();
    const found = new Map<string, MutableMatch>();
    let complete = from === undefined;
    for (const rows of batches(this.#arena.search(texts, glob))) {
      for (const row of this.#rows.files(rows)) {
        if (from !== undefined && row.device !== from) continue;
        if (found.size < limit) gather(found, row);
        else complete = false;
      }
      if (found.size >= limit) {
        complete = false;
        break;
      }
    }
    const files = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return complete ? files : this.#completed(files);
  }

  #catchUp(): void {
    if (this.#arena.count > 2 * this.#rows.count + STALE_NAMES) {
      this.#arena.clear();
      this.#last = 0;
    }
    while (this.readAhead());
  }

  /** With the devices whose rows were not reached. */
  #completed(files: readonly FileMatch[]): FileMatch[] {
    const complete = new Map(files.map((file) => [keyOf(file), { ...file, devices: [] as number[] }]));
    for (let at = 0; at < files.length; at += BATCH) {
      const paths = files.slice(at, at + BATCH).map(({ path }) => path);
      for (const row of this.#rows.filesAt(paths)) complete.get(keyOf(row))?.devices.push(row.device);
    }
    return [...complete.values()];
  }
}

type MutableMatch = FileMatch & { readonly devices: number[] };

function gather(found: Map<string, MutableMatch>, row: FileRow): void {
  const key = keyOf(row);
  const match = found.get(key);
  if (match) match.devices.push(row.device);
  else {
    const { path, size, mtimeUs, hash, device } = row;
    found.set(key, { path, size, mtimeUs, hash, devices: [device] });
  }
}

function keyOf({ path, hash }: Pick<FileRow, 'path' | 'hash'>): string {
  return hash === undefined ? path : `${path}\\${Buffer.from(hash).toString('latin1')}`;
}

function* batches(rows: Iterable<number>): Generator<number[]> {
  let batch: number[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
