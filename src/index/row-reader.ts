import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { bytesOf, IS_LIVE_FILE } from './entry-row.ts';

/** What a search shows of a file. */
export interface FileRow {
  readonly row: number;
  /** The number of the device that has it; 0 is ourselves. */
  readonly device: number;
  readonly path: RelativePath;
  /** Bytes. */
  readonly size: number;
  readonly mtimeUs: number;
  readonly hash: Uint8Array | undefined;
}

/** The paths of some rows in a row. */
export interface PathRows {
  /** Those of known devices. */
  readonly rows: readonly number[];
  /** Theirs, in the same order, joined by backslashes, which no path contains. */
  readonly paths: string;
  /** The last row that was read, and how many were. */
  readonly last: number;
  readonly read: number;
}

/** Entries by their row: a row has the same device and path for life, and its number is never given again. */
export class RowReader {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      // Two strings a page instead of two values a row: crossing into SQLite is what costs.
      paths: database.prepare(
        `SELECT group_concat(iif(known, row, NULL)), group_concat(iif(known, path, NULL), '\\'), max(row), count(*)
         FROM (SELECT row, path, device IN (SELECT number FROM device) AS known FROM entry
           WHERE row > ? ORDER BY row LIMIT ?)`,
      ),
      files: database.prepare(
        `SELECT row, device, path, size, mtime, hash FROM entry
         WHERE row IN (SELECT value FROM json_each(?)) AND device IN (SELECT number FROM device)
           AND ${IS_LIVE_FILE}`,
      ),
      filesAt: database.prepare(
        `SELECT row, device, path, size, mtime, hash FROM entry
         WHERE path IN (SELECT value FROM json_each(?)) AND device IN (SELECT number FROM device WHERE entries > 0)
           AND ${IS_LIVE_FILE}`,
      ),
      entries: database.prepare('SELECT sum(entries) FROM device'),
    };
  }

  /** How many rows belong to devices that are known, tombstones included. */
  get count(): number {
    return Number(this.#statements.entries.row()?.[0] ?? 0);
  }

  /** Reads the next rows after `row`, at most `limit`, of every device. */
  pathsAfter(row: number, limit: number): PathRows {
    const [rows, paths, last, read] = this.#statements.paths.row(row, limit) ?? [];
    const position = { last: Number(last ?? row), read: Number(read ?? 0) };
    if (typeof rows !== 'string' || typeof paths !== 'string') return { rows: [], paths: '', ...position };
    return { rows: rows.split(',').map(Number), paths, ...position };
  }

  /** Those of `rows` that are live files of known devices, in no particular order. */
  files(rows: readonly number[]): FileRow[] {
    return this.#statements.files.rows(JSON.stringify(rows)).map(fileOfRow);
  }

  /** Every known device's live files under these paths, ours included. */
  filesAt(paths: readonly RelativePath[]): FileRow[] {
    return this.#statements.filesAt.rows(JSON.stringify(paths)).map(fileOfRow);
  }
}

function fileOfRow(values: readonly (string | number | Buffer | null)[]): FileRow {
  const [row, device, path, size, mtimeUs, hash] = values as [
    number,
    number,
    RelativePath,
    number,
    number,
    Buffer | null,
  ];
  return { row, device, path, size, mtimeUs, hash: bytesOf(hash) };
}
