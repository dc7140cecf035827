import type { DeviceId } from '../model/device-id.ts';
import type { FileEntry } from '../model/file-entry.ts';
import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { DELETED_BIT, ENTRY_COLUMNS, entryOfRow, IS_LIVE_FILE, STORED_BYTES } from './entry-row.ts';
import { NO_TOTALS, OURSELVES, type DeviceFacts, type EntryTable, type Totals } from './entry-table.ts';
import type { SqlRow } from './sqlite.ts';

/** What one device has of one entry. */
export interface RemoteEntry {
  readonly device: DeviceId;
  readonly entry: FileEntry;
}

/** A part of a device's index, as it is stored. */
export interface IndexPart {
  readonly indexId: string;
  /** Forget what was known of the device's index first. */
  readonly fresh: boolean;
  /** The highest sequence covered. */
  readonly until: number;
  readonly entries: readonly FileEntry[];
}

/** The most that one device may have here. */
export interface Quota {
  /** Tombstones included. */
  readonly entries: number;
  /** As `Totals.stored` counts them. */
  readonly bytes: number;
}

/** A device would have more than its quota. */
export class QuotaExceeded extends Error {
  override readonly name = 'QuotaExceeded';
}

const PAGE = 1000;
/** Bytes of entries that are deleted at a time, or one entry. */
const SWEEP_BYTES = 4 * 1024 * 1024;
/** Numbers under which they are deleted at a time: a device that begins anew again and again leaves one each time. */
const SWEEP_NUMBERS = 100;
/** Files with one content that are looked up; of more, so many of each device: no device's hide those of others. */
const MAX_COPIES = 200;
const MAX_COPIES_OF_ONE = 4;
/** Devices asked one by one, each from memory where it was asked lately; of more, the database says who has it. */
const FEW_DEVICES = 8;

/** What other devices have, in the database, and the devices themselves. */
export class RemoteStore {
  readonly #database: Database;
  readonly #table: EntryTable;
  readonly #statements;
  readonly #numbers = new Map<DeviceId, number>();
  readonly #devices = new Map<number, DeviceId>();

  constructor(database: Database, table: EntryTable) {
    this.#database = database;
    this.#table = table;
    const prepare = (sql: string) => database.prepare(sql);
    this.#statements = {
      devices: prepare(
        `SELECT number, id, name, host, port, last_seen FROM device WHERE number <> ${OURSELVES} ORDER BY number`,
      ),
      setFacts: prepare('UPDATE device SET name = ?, host = ?, port = ?, last_seen = ? WHERE number = ?'),
      renumber: prepare(
        `UPDATE device SET number = ?, index_id = '', sequence = 0, entries = 0, files = 0, bytes = 0, stored = 0
         WHERE number = ?`,
      ),
      removeDevice: prepare('DELETE FROM device WHERE number = ?'),
      highest: prepare(
        `SELECT max(coalesce((SELECT max(number) FROM device), 0), coalesce((SELECT max(device) FROM discarded), 0))`,
      ),
      discard: prepare('INSERT OR IGNORE INTO discarded SELECT number, stored FROM device WHERE number = ?'),
      discarded: prepare('SELECT device FROM discarded LIMIT 1'),
      toSweep: prepare(`SELECT ${STORED_BYTES} FROM entry WHERE device = ? ORDER BY sequence LIMIT ?`),
      sweep: prepare(
        `DELETE FROM entry WHERE row IN (SELECT row FROM entry WHERE device = ? ORDER BY sequence LIMIT ?)`,
      ),
      lessStored: prepare('UPDATE discarded SET stored = stored - ? WHERE device = ?'),
      swept: prepare('DELETE FROM discarded WHERE device = ?'),
      stored: prepare(
        `SELECT (SELECT coalesce(sum(stored), 0) FROM device WHERE number <> ${OURSELVES}) +
           (SELECT coalesce(sum(stored), 0) FROM discarded)`,
      ),
      at: prepare(
        `SELECT device, ${ENTRY_COLUMNS} FROM entry
         WHERE path = ? AND device IN (SELECT number FROM device WHERE number <> ${OURSELVES} AND entries > 0)`,
      ),
      withHash: prepare(
        `SELECT device, ${ENTRY_COLUMNS} FROM entry
         WHERE substr(hash, 1, 8) = substr(?1, 1, 8) AND hash = ?1
           AND device IN (SELECT number FROM device WHERE number <> ${OURSELVES}) AND ${IS_LIVE_FILE}
         LIMIT ${MAX_COPIES}`,
      ),
      page: prepare(
        `SELECT device, ${ENTRY_COLUMNS} FROM entry
         WHERE device = ? AND sequence > ? AND (flags & ${DELETED_BIT}) = ? ORDER BY sequence LIMIT ${PAGE}`,
      ),
    };
    for (const [number, id] of this.#statements.devices.rows()) this.#learn(number as number, id as DeviceId);
  }

  /** Every device ever heard of and not forgotten. */
  devices(): ReadonlyMap<DeviceId, DeviceFacts> {
    return new Map(
      this.#statements.devices.rows().map(([, id, name, host, port, lastSeen]) => [
        id as DeviceId,
        {
          name: name as string,
          host: host as string,
          port: port as number,
          lastSeen: lastSeen as number,
        },
      ]),
    );
  }

  /** The device whose entries have this number, or undefined for ourselves and for what has been discarded. */
  deviceOf(number: number): DeviceId | undefined {
    return this.#devices.get(number);
  }

  /** The number under which the entries of `device` are, until it begins anew. */
  numberOf(device: DeviceId): number | undefined {
    return this.#numbers.get(device);
  }

  setDevice(device: DeviceId, facts: DeviceFacts): void {
    const number = this.#numbers.get(device);
    if (number !== undefined) {
      this.#statements.setFacts.run(facts.name, facts.host, facts.port, facts.lastSeen, number);
      return;
    }
    const added = this.#database.transaction(() => {
      const next = this.#nextNumber();
      this.#table.addDevice(next, device, facts);
      return next;
    });
    this.#learn(added, device);
  }

  /** Forgets a device and all that it has. */
  forget(device: DeviceId): void {
    const number = this.#numbers.get(device);
    if (number === undefined) return;
    this.#database.transaction(() => {
      this.#statements.discard.run(number);
      this.#statements.removeDevice.run(number);
    });
    this.#table.forgetRecent();
    this.#numbers.delete(device);
    this.#devices.delete(number);
  }

  totals(device: DeviceId): Totals {
    const number = this.#numbers.get(device);
    return number === undefined ? NO_TOTALS : this.#table.totals(number);
  }

  /** Bytes that may still be written on the disk of the database. */
  free(): number {
    return this.#database.free();
  }

  /** Bytes that the entries of all devices take in the database, those included that are yet to be deleted. */
  get stored(): number {
    return this.#statements.stored.row()![0] as number;
  }

  /**
   * Stores a part of the index of a device that was set before; one durable transaction.
   * @throws QuotaExceeded when the device would have more than `quota`; then nothing is stored.
   */
  put(device: DeviceId, part: IndexPart, quota?: Quota): void {
    const before = this.#numbers.get(device);
    if (before === undefined) throw new TypeError('The device is to be set before its entries.');
    const number = this.#database.transaction(() => {
      const current = part.fresh ? this.#startAnew(before) : before;
      this.#table.write(current, (writer) => {
        for (const entry of part.entries) writer.put(entry);
        writer.totals.indexId = part.indexId;
        writer.totals.sequence = Math.max(writer.totals.sequence, part.until);
        if (quota) checkQuota(writer.totals, quota);
      });
      return current;
    });
    if (number !== before) {
      this.#table.forgetRecent();
      this.#devices.delete(before);
      this.#learn(number, device);
    }
  }

  get(device: DeviceId, path: RelativePath): FileEntry | undefined {
    const number = this.#numbers.get(device);
    return number === undefined ? undefined : this.#table.get(number, path);
  }

  /** Every device's entry of this path, tombstones included. */
  at(path: RelativePath): RemoteEntry[] {
    if (this.#numbers.size > FEW_DEVICES) return this.#named(this.#statements.at.rows(path));
    const found: RemoteEntry[] = [];
    this.#numbers.forEach((number, device) => {
      const entry = this.#table.totals(number).entries > 0 ? this.#table.get(number, path) : undefined;
      if (entry) found.push({ device, entry });
    });
    return found;
  }

  /** Every device's live files with this content; only some of each device when there are more than 200. */
  withHash(hash: Uint8Array): RemoteEntry[] {
    const found = this.#named(this.#statements.withHash.rows(hash));
    if (found.length < MAX_COPIES) return found;
    return [...this.#numbers].flatMap(([device, number]) =>
      this.#table.withHash(number, hash, MAX_COPIES_OF_ONE).map((entry) => ({ device, entry })),
    );
  }

  /** The live entries of `device` after `sequence`, or its tombstones: the next thousand by ascending sequence. */
  after(device: DeviceId, sequence: number, which: 'live' | 'deleted'): RemoteEntry[] {
    const number = this.#numbers.get(device);
    if (number === undefined) return [];
    const bit = which === 'deleted' ? DELETED_BIT : 0;
    return this.#named(this.#statements.page.rows(number, sequence, bit));
  }

  /** Deletes at most `limit` of the entries that are discarded, fewer when they are large; false when there are none. */
  sweep(limit: number): boolean {
    let number = this.#discarded();
    if (number === undefined) return false;
    this.#database.transaction(() => {
      const left = { rows: limit, bytes: SWEEP_BYTES };
      for (let numbers = 0; number !== undefined && numbers < SWEEP_NUMBERS; numbers += 1) {
        this.#sweepOf(number, left);
        if (left.rows <= 0 || left.bytes <= 0) return;
        number = this.#discarded();
      }
    });
    return true;
  }

  #discarded(): number | undefined {
    return this.#statements.discarded.row()?.[0] as number | undefined;
  }

  /** Deletes what is under a discarded number, as far as that goes, and takes it off `left`. */
  #sweepOf(number: number, left: { rows: number; bytes: number }): void {
    const sizes = this.#statements.toSweep.rows(number, left.rows).map(([size]) => size as number);
    let count = 0;
    let bytes = 0;
    while (count < sizes.length && bytes < left.bytes) bytes += sizes[count++]!;
    this.#statements.sweep.run(number, count);
    if (count === sizes.length && count < left.rows) this.#statements.swept.run(number);
    else this.#statements.lessStored.run(bytes, number);
    left.rows -= count;
    left.bytes -= bytes;
  }

  /** Another number for a device, under which it has nothing: that takes no time, however much it had. */
  #startAnew(number: number): number {
    const next = this.#nextNumber();
    this.#statements.discard.run(number);
    this.#statements.renumber.run(next, number);
    return next;
  }

  /** A number that no entry has. */
  #nextNumber(): number {
    return (this.#statements.highest.row()![0] as number) + 1;
  }

  #learn(number: number, device: DeviceId): void {
    this.#numbers.set(device, number);
    this.#devices.set(number, device);
  }

  /** @param rows of the device's number and `ENTRY_COLUMNS`. */
  #named(rows: readonly SqlRow[]): RemoteEntry[] {
    return rows.map((row) => ({
      device: this.#devices.get(row[0] as number)!,
      entry: entryOfRow(row.slice(1)),
    }));
  }
}

function checkQuota({ entries, stored }: Totals, quota: Quota): void {
  if (entries > quota.entries || stored > quota.bytes) throw new QuotaExceeded();
}
