import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { bytesOf, IS_FOLDER, IS_LIVE, IS_LIVE_FILE, typeOfFlags } from './entry-row.ts';
import type { Statement } from './sqlite.ts';

/** What a search shows of an entry. */
export type FoundEntry = Pick<FileEntry, 'path' | 'type' | 'size' | 'mtimeUs' | 'hash' | 'target'>;

export interface FoundRow extends FoundEntry {
  readonly row: number;
  /** The number of the device that has it; 0 is ourselves. */
  readonly device: number;
}

/** What is searched for: files, or links and empty folders as well. */
export type Sought = 'files' | 'everything';

/** Entries in a folder that are looked at: where so many were deleted, it counts as empty whatever comes after them. */
const MAX_LOOKED_AT = 100;

/** SQL: the row is a folder with something in it. */
const IS_FILLED = `${IS_FOLDER} AND EXISTS (
  SELECT 1 FROM (SELECT below.flags FROM entry AS below WHERE below.device = entry.device
      AND below.path > entry.path || '/' AND below.path < entry.path || '0' LIMIT ${MAX_LOOKED_AT})
    WHERE ${IS_LIVE})`;

const CONDITIONS: Readonly<Record<Sought, string>> = {
  files: IS_LIVE_FILE,
  everything: `${IS_LIVE} AND NOT (${IS_FILLED})`,
};

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
      found: statements(
        database,
        'row IN (SELECT value FROM json_each(?)) AND device IN (SELECT number FROM device)',
      ),
      foundAt: statements(
        database,
        'path IN (SELECT value FROM json_each(?)) AND device IN (SELECT number FROM device WHERE entries > 0)',
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

  /** Those of `rows` that are live, of known devices and what is sought, in no particular order. */
  found(sought: Sought, rows: readonly number[]): FoundRow[] {
    return this.#statements.found[sought].rows(JSON.stringify(rows)).map(rowOf);
  }

  /** What is sought, live and under these paths, of every known device, ours included. */
  foundAt(sought: Sought, paths: readonly RelativePath[]): FoundRow[] {
    return this.#statements.foundAt[sought].rows(JSON.stringify(paths)).map(rowOf);
  }
}

/** Those that read what is sought `where` something holds, in the columns of `rowOf`. */
function statements(database: Database, where: string): Readonly<Record<Sought, Statement>> {
  const prepare = (sought: Sought) =>
    database.prepare(
      `SELECT row, device, path, flags, size, mtime, hash, target FROM entry WHERE ${where} AND ${CONDITIONS[sought]}`,
    );
  return { files: prepare('files'), everything: prepare('everything') };
}

function rowOf(values: readonly (string | number | Buffer | null)[]): FoundRow {
  const [row, device, path, flags, size, mtimeUs, hash, target] = values as [
    number,
    number,
    RelativePath,
    number,
    number,
    number,
    Buffer | null,
    string | null,
  ];
  const type = typeOfFlags(flags);
  return { row, device, path, type, size, mtimeUs, hash: bytesOf(hash), target: target ?? '' };
}
