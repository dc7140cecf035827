import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { RecentEntries } from './recent-entries.ts';
import type { SqlValue } from './sqlite.ts';
import {
  bytesOf,
  ENTRY_COLUMNS,
  entryOfRow,
  flagsOf,
  IS_LIVE_FILE,
  isLiveFile,
  STORED_BYTES,
  storedBytes,
  versionToBytes,
} from './entry-row.ts';

/** What a local file looked like on disk when it was indexed. */
export interface DiskFacts {
  /** µs since the Unix epoch. */
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  /** Decimal text. */
  readonly inode: string;
  readonly volume: string;
  /** The path below the shared folder as the disk spells it, where that differs from the entry's. */
  readonly nativeName: string | undefined;
}

/** How much of its index is here from one device, and what is in it. */
export interface Totals {
  readonly indexId: string;
  /** The highest sequence. */
  readonly sequence: number;
  /** All entries, tombstones included. */
  readonly entries: number;
  /** Live files and the sum of their sizes in bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes that all entries take in the database, about. */
  readonly stored: number;
}

export const NO_TOTALS: Totals = { indexId: '', sequence: 0, entries: 0, files: 0, bytes: 0, stored: 0 };

/** What is there of a path before it is written again. */
export interface Previous {
  readonly row: number;
  readonly blocks: Uint8Array;
}

/** How a device is shown and reached. */
export interface DeviceFacts {
  /** Display name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** ms since the Unix epoch. */
  readonly lastSeen: number;
}

/** The number of ourselves among the devices. */
export const OURSELVES = 0;

/** Entries of all devices, by the number of the device. Writing goes through `write`, which is one transaction. */
export class EntryTable {
  readonly #database: Database;
  readonly #statements;
  readonly #recent = new RecentEntries();
  readonly #totals = new Map<number, Totals>();

  constructor(database: Database) {
    this.#database = database;
    database.onUndone(() => this.forgetRecent());
    const prepare = (sql: string) => database.prepare(sql);
    this.#statements = {
      totals: prepare(
        'SELECT index_id, sequence, entries, files, bytes, stored FROM device WHERE number = ?',
      ),
      setTotals: prepare(
        `UPDATE device SET index_id = ?, sequence = ?, entries = ?, files = ?, bytes = ?, stored = ?
         WHERE number = ?`,
      ),
      get: prepare(`SELECT ${ENTRY_COLUMNS} FROM entry WHERE device = ? AND path = ?`),
      previous: prepare(`SELECT row, flags, size, ${STORED_BYTES} FROM entry WHERE device = ? AND path = ?`),
      blocks: prepare('SELECT blocks FROM entry WHERE row = ?'),
      after: prepare(
        `SELECT ${ENTRY_COLUMNS} FROM entry WHERE device = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
      ),
      withHash: prepare(
        `SELECT ${ENTRY_COLUMNS} FROM entry
         WHERE substr(hash, 1, 8) = substr(?1, 1, 8) AND hash = ?1 AND device = ?2 AND ${IS_LIVE_FILE} LIMIT ?3`,
      ),
      insert: prepare(
        `INSERT INTO entry (sequence, flags, size, mtime, hash, target, version, blocks,
           disk_mtime, disk_ctime, disk_inode, disk_volume, disk_name, device, path)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device, path) DO NOTHING`,
      ),
      update: prepare(
        `UPDATE entry SET sequence = ?, flags = ?, size = ?, mtime = ?, hash = ?, target = ?, version = ?, blocks = ?,
           disk_mtime = ?, disk_ctime = ?, disk_inode = ?, disk_volume = ?, disk_name = ?, sha256 = NULL
         WHERE row = ?`,
      ),
      addDevice: prepare(
        `INSERT OR IGNORE INTO device
           (number, id, name, host, port, last_seen, index_id, sequence, entries, files, bytes, stored)
         VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0)`,
      ),
    };
  }

  totals(device: number): Totals {
    const known = this.#totals.get(device);
    if (known) return known;
    const row = this.#statements.totals.row(device);
    if (!row) return NO_TOTALS;
    const [indexId, ...counts] = row as [string, number, number, number, number, number];
    const [sequence, entries, files, bytes, stored] = counts;
    const totals = { indexId, sequence, entries, files, bytes, stored };
    this.#totals.set(device, totals);
    return totals;
  }

  get(device: number, path: RelativePath): FileEntry | undefined {
    const known = this.#recent.get(device, path);
    if (known !== undefined) return known ?? undefined;
    const row = this.#statements.get.row(device, path);
    const entry = row && entryOfRow(row);
    this.#recent.set(device, path, entry);
    return entry;
  }

  /** Whether there is no entry of this path, as far as that was found out lately. */
  knowsNone(device: number, path: RelativePath): boolean {
    return this.#recent.get(device, path) === null;
  }

  /** There turned out to be no entry of this path. */
  foundNone(device: number, path: RelativePath): void {
    this.#recent.set(device, path, undefined);
  }

  /** What is kept in memory may not be what the database says: a device has another number, or a change was undone. */
  forgetRecent(): void {
    this.#recent.clear();
    this.#totals.clear();
  }

  /** By ascending sequence. */
  after(device: number, sequence: number, limit: number): FileEntry[] {
    return this.#statements.after.rows(device, sequence, limit).map(entryOfRow);
  }

  /** Live files with this content. */
  withHash(device: number, hash: Uint8Array, limit: number): FileEntry[] {
    // Most often there is none, and one row is asked for at half the price of a list.
    const first = this.#statements.withHash.row(hash, device, 1);
    if (!first || limit === 1) return first ? [entryOfRow(first)] : [];
    return this.#statements.withHash.rows(hash, device, limit).map(entryOfRow);
  }

  /** Makes room for the index of a device; does nothing when there is. */
  addDevice(device: number, id: string, { name, host, port, lastSeen }: DeviceFacts): void {
    this.#statements.addDevice.run(device, id, name, host, port, lastSeen);
  }

  /** Opens a transaction on what `device` has; `body` puts entries with the writer that it is given. */
  write<Result>(device: number, body: (writer: EntryWriter) => Result): Result {
    return this.#database.transaction(() => {
      const totals = { ...this.totals(device) };
      const result = body({
        totals,
        put: (entry, disk) => this.#put(device, entry, disk, totals),
        previous: (path) => this.#previous(device, path),
      });
      const { indexId, sequence, entries, files, bytes, stored } = totals;
      this.#statements.setTotals.run(indexId, sequence, entries, files, bytes, stored, device);
      this.#totals.set(device, totals);
      return result;
    });
  }

  #previous(device: number, path: RelativePath): Previous | undefined {
    if (this.knowsNone(device, path)) return undefined;
    const row = this.#statements.previous.row(device, path)?.[0] as number | undefined;
    if (row === undefined) return undefined;
    const blocks = this.#statements.blocks.row(row)?.[0] as Buffer | null;
    return { row, blocks: bytesOf(blocks) ?? new Uint8Array() };
  }

  #put(device: number, entry: FileEntry, disk: DiskFacts | undefined, totals: MutableTotals): number {
    const flags = flagsOf(entry);
    const values = valuesOf(entry, flags, disk);
    // Most are new, and to look first would cost a third more.
    const isThere = Boolean(this.#recent.get(device, entry.path));
    let row = isThere ? undefined : this.#statements.insert.insert(values.concat(device, entry.path));
    if (row === undefined) {
      const before = this.#statements.previous.row(device, entry.path) as [number, number, number, number];
      const [known, flagsBefore, sizeBefore, storedBefore] = before;
      row = known;
      totals.stored -= storedBefore;
      this.#statements.update.run(...values, row);
      if (isLiveFile(flagsBefore)) {
        totals.files -= 1;
        totals.bytes -= sizeBefore;
      }
    } else totals.entries += 1;
    if (isLiveFile(flags)) {
      totals.files += 1;
      totals.bytes += entry.size;
    }
    totals.stored += storedBytes(entry);
    totals.sequence = Math.max(totals.sequence, entry.sequence);
    this.#recent.set(device, entry.path, entry);
    return row;
  }
}

/** What an entry is stored as, but for whose it is and its path. Thousands in a row: no list is made of others. */
function valuesOf(entry: FileEntry, flags: number, disk: DiskFacts | undefined): SqlValue[] {
  const { sequence, size, mtimeUs, hash, target, version, blocks } = entry;
  return [
    sequence,
    flags,
    size,
    mtimeUs,
    hash ?? null,
    target || null,
    versionToBytes(version),
    blocks.length > 0 ? blocks : null,
    disk?.mtimeUs ?? null,
    disk?.ctimeUs ?? null,
    disk?.inode ?? null,
    disk?.volume ?? null,
    disk?.nativeName ?? null,
  ];
}

type MutableTotals = { -readonly [Key in keyof Totals]: Totals[Key] };

/** Writes the entries of one device, inside a transaction. */
export interface EntryWriter {
  /** As they are now; written back at the end. */
  readonly totals: MutableTotals;
  /** Puts an entry in the place of the one of the same path; returns its row. */
  put(entry: FileEntry, disk?: DiskFacts): number;
  previous(path: RelativePath): Previous | undefined;
}
