import { HASH_BYTES } from '../model/block-layout.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import { contentHash } from '../wire/content-hash.ts';
import { AbsentHashes } from './absent-hashes.ts';
import { BlockTable, type BlockPlace } from './block-table.ts';
import { CorruptFiles } from './corrupt-files.ts';
import { RecentChanges } from './recent-changes.ts';
import type { Database } from './database.ts';
import { bytesOf, DELETED_BIT, EXECUTABLE_BIT, typeOfFlags } from './entry-row.ts';
import { OURSELVES, type DiskFacts, type EntryTable, type Totals } from './entry-table.ts';
import { isOutsideGaps } from './sequence-gaps.ts';
import type { SqlRow } from './sqlite.ts';

/** A change of the local index: the entry without its sequence, which it gets here, and the file's facts. */
export interface LocalChange {
  readonly entry: Omit<FileEntry, 'sequence'>;
  /** Undefined for tombstones. */
  readonly disk: DiskFacts | undefined;
}

/** What the scanner compares with the disk: everything about a path but its hashes. */
export interface LocalFacts {
  readonly path: RelativePath;
  readonly type: FileEntry['type'];
  readonly deleted: boolean;
  /** Bytes. */
  readonly size: number;
  /** Whether its content hash is known. */
  readonly hashed: boolean;
  readonly executable: boolean;
  readonly disk: DiskFacts | undefined;
}

const PAGE = 2000;
/** Comes after every path: no UTF-8 text has a byte above F4. */
const END = '\u{10ffff}';
/** In the place of the µs of a file's last change of status: it is to be read again. No file has a time like this. */
export const DOUBT = -1;
/** Copies of one content that anybody needs to know: there may be a million of the empty one. */
const MAX_COPIES = 100;
const DISK_COLUMNS = 'disk_mtime, disk_ctime, disk_inode, disk_volume, disk_name';
const FACT_COLUMNS = `path, flags, size, hash IS NOT NULL, ${DISK_COLUMNS}`;

/** What this device has, in the database. Every method that writes is one durable transaction. */
export class EntryStore {
  readonly corrupt: CorruptFiles;
  readonly #database: Database;
  readonly #table: EntryTable;
  readonly #blocks: BlockTable;
  readonly #absent = new AbsentHashes();
  readonly #changes = new RecentChanges();
  readonly #statements;
  /** Whether there may be anything that is doubted. */
  #mayDoubt = false;

  constructor(database: Database, table: EntryTable) {
    this.#database = database;
    this.#table = table;
    this.#blocks = new BlockTable(database);
    this.corrupt = new CorruptFiles(database);
    table.addDevice(OURSELVES, '', { name: '', host: '', port: 0, lastSeen: 0 });
    const one = `FROM entry WHERE device = ${OURSELVES} AND path = ?`;
    this.#statements = {
      facts: database.prepare(`SELECT ${FACT_COLUMNS} ${one}`),
      page: database.prepare(
        `SELECT ${FACT_COLUMNS} FROM entry
         WHERE device = ${OURSELVES} AND path > ? AND path < ? ORDER BY path LIMIT ?`,
      ),
      setDisk: database.prepare(
        `UPDATE entry SET disk_mtime = ?, disk_ctime = ?, disk_inode = ?, disk_volume = ?, disk_name = ?
         WHERE device = ${OURSELVES} AND path = ?`,
      ),
      doubt: database.prepare(
        `UPDATE entry SET disk_ctime = ${DOUBT} WHERE device = ${OURSELVES} AND (flags & 7) = 0 AND hash IS NOT NULL AND (
           disk_ctime >= (SELECT max(disk_ctime) FROM entry WHERE device = ${OURSELVES} AND (flags & 7) = 0) - ?1 OR
           abs(disk_ctime - (SELECT disk_ctime FROM entry WHERE device = ${OURSELVES} AND (flags & 7) = 0
             AND disk_ctime <> ${DOUBT} ORDER BY sequence DESC LIMIT 1)) <= ?1)`,
      ),
      isDoubted: database.prepare(`SELECT 1 ${one} AND disk_ctime = ${DOUBT}`),
      changes: database.prepare('SELECT changes()'),
      anyDoubted: database.prepare(
        `SELECT 1 FROM entry WHERE device = ${OURSELVES} AND disk_ctime = ${DOUBT} LIMIT 1`,
      ),
      sha256: database.prepare(`SELECT sha256 ${one}`),
      setSha256: database.prepare(
        `UPDATE entry SET sha256 = ? WHERE device = ${OURSELVES} AND path = ? AND sequence = ?`,
      ),
    };
  }

  /** 16 hex digits; made anew with the database. */
  get indexId(): string {
    return this.#database.indexId;
  }

  /** The highest sequence given, or passed over. */
  get sequence(): number {
    return this.totals().sequence;
  }

  /** Whether `sequence` was reached by this index as it is: one that was brought back from a backup was further once. */
  hasReached(sequence: number): boolean {
    return sequence <= this.sequence && isOutsideGaps((key) => this.#database.meta(key), sequence);
  }

  totals(): Totals {
    return this.#table.totals(OURSELVES);
  }

  /** Tombstones included. */
  get(path: RelativePath): FileEntry | undefined {
    return this.#table.get(OURSELVES, path);
  }

  /** Tombstones included, by ascending sequence. */
  after(sequence: number, limit: number): FileEntry[] {
    return this.#changes.after(sequence, limit) ?? this.#table.after(OURSELVES, sequence, limit);
  }

  /** Live files whose content is `hash`, at most `limit` (100 unless given). */
  withHash(hash: Uint8Array, limit = MAX_COPIES): FileEntry[] {
    if (this.#absent.has(hash)) return [];
    const found = this.#table.withHash(OURSELVES, hash, limit);
    if (found.length === 0) this.#absent.add(hash);
    return found;
  }

  /** Where a block of this hash lies in a local file, if one does. */
  findBlock(hash: Uint8Array): BlockPlace | undefined {
    if (hash.length !== HASH_BYTES) return undefined;
    const place = this.#blocks.find(hash);
    if (place) return place;
    // The content hash of a file of one block is the hash of that block's hash.
    const single = this.withHash(contentHash(hash), 1)[0];
    if (!single || single.blocks.length !== HASH_BYTES) return undefined;
    return { path: single.path, offset: 0, length: single.size };
  }

  /** Records changes; they get the next sequences in the order given. Returns the entries with their sequences. */
  put(changes: readonly LocalChange[]): FileEntry[] {
    if (changes.length === 0) return [];
    const written = this.#table.write(OURSELVES, (writer) => {
      return changes.map(({ entry, disk }) => {
        const numbered = withSequence(entry, writer.totals.sequence + 1);
        const before = writer.previous(entry.path)?.blocks ?? new Uint8Array();
        const row = writer.put(numbered, disk);
        this.#blocks.update(row, before, entry.blocks, entry.size);
        if (entry.hash) this.#absent.delete(entry.hash);
        return numbered;
      });
    });
    this.#changes.add(written);
    return written;
  }

  /** What is known of a path on disk. */
  facts(path: RelativePath): LocalFacts | undefined {
    if (this.#table.knowsNone(OURSELVES, path)) return undefined;
    const row = this.#statements.facts.row(path);
    if (!row) this.#table.foundNone(OURSELVES, path);
    return row && factsOfRow(row);
  }

  /**
   * Everything below `folder`, or everything, tombstones included, in the byte order of the paths. It is read a page
   * at a time, so that what is put meanwhile is seen if it comes later in that order.
   */
  *allFacts(folder?: RelativePath): Generator<LocalFacts> {
    let last = folder === undefined ? '' : `${folder}/`;
    // The byte after `/` is `0`.
    const end = folder === undefined ? END : `${folder}0`;
    for (;;) {
      const page = this.#statements.page.rows(last, end, PAGE);
      for (const row of page) yield factsOfRow(row);
      if (page.length < PAGE) return;
      last = page.at(-1)![0] as string;
    }
  }

  /** What comes after `path` in that order, or first when it is empty. */
  factsAfter(path: RelativePath | ''): LocalFacts | undefined {
    const [row] = this.#statements.page.rows(path, END, 1);
    return row && factsOfRow(row);
  }

  /** Records other facts of files whose content is the same: no new version, no new sequence. */
  setDisk(changes: readonly { readonly path: RelativePath; readonly disk: DiskFacts }[]): void {
    this.#database.transaction(() => {
      for (const { path, disk } of changes) {
        const { mtimeUs, ctimeUs, inode, volume, nativeName } = disk;
        this.#statements.setDisk.run(mtimeUs, ctimeUs, inode, volume, nativeName ?? null, path);
      }
    });
  }

  /**
   * Files that changed within the last `us` (µs) in which any did are to be read again, and those that changed as shortly
   * before or after the one that was recorded last: the clock may have been set back meanwhile. What was not read to its
   * end is read again without that.
   */
  doubtLatest(us: number): void {
    this.#statements.doubt.run(us);
    this.#mayDoubt = this.#statements.changes.row()![0] !== 0;
  }

  /** Whether a file is to be read again, and has not been since. */
  isDoubted(path: RelativePath): boolean {
    return this.#mayDoubt && this.#statements.isDoubted.row(path) !== undefined;
  }

  /** Whether any is. */
  get hasDoubts(): boolean {
    this.#mayDoubt &&= this.#statements.anyDoubted.row() !== undefined;
    return this.#mayDoubt;
  }

  /** The SHA-256 of a file, if it was recorded for the content that is there now. */
  sha256(path: RelativePath): Uint8Array | undefined {
    const row = this.#statements.sha256.row(path);
    return row && bytesOf(row[0] as Buffer | null);
  }

  /** Remembers the SHA-256 of the content that `entry` describes; does nothing when it has changed since. */
  setSha256(entry: Pick<FileEntry, 'path' | 'sequence'>, sha256: Uint8Array): void {
    this.#statements.setSha256.run(sha256, entry.path, entry.sequence);
  }
}

/** The properties in the order in which those have them that come from the database or the network. */
function withSequence(entry: Omit<FileEntry, 'sequence'>, sequence: number): FileEntry {
  const { path, type, deleted, size, mtimeUs, executable, target, version, blocks, hash } = entry;
  return { path, type, deleted, size, mtimeUs, executable, target, version, blocks, hash, sequence };
}

function factsOfRow(row: SqlRow): LocalFacts {
  const [path, flags, size, hashed, mtimeUs, ctimeUs, inode, volume, name] = row as [
    RelativePath,
    number,
    number,
    number,
    number | null,
    number,
    string,
    string,
    string | null,
  ];
  const disk =
    mtimeUs === null ? undefined : { mtimeUs, ctimeUs, inode, volume, nativeName: name ?? undefined };
  return {
    path,
    type: typeOfFlags(flags),
    deleted: (flags & DELETED_BIT) !== 0,
    size,
    hashed: hashed === 1,
    executable: (flags & EXECUTABLE_BIT) !== 0,
    disk,
  };
}
