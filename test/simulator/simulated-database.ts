import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import { openDatabase, type Database } from '../../src/index/database.ts';
import { hasBegun, leaveGap } from '../../src/index/sequence-gaps.ts';
import type { SqlRow } from '../../src/index/sqlite.ts';

interface DatabaseParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** All that was in a database. */
interface Backup {
  readonly indexId: string;
  readonly tables: ReadonlyMap<string, readonly SqlRow[]>;
}

/** The database of a device, which lies in memory: it outlives the processes that use it. */
export class SimulatedDatabase {
  readonly #parts: DatabaseParts;
  #current: Database;
  #backup: Backup | undefined;
  readonly #former: Database[] = [];
  #wasOpen = false;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.#current = this.#make();
  }

  /** As a new process finds it: `openDatabase` does the same. */
  open(): Database {
    if (hasBegun(this.#current)) leaveGap(this.#current, this.#parts.clock.now());
    else if (this.#wasOpen) this.#beginAnew();
    this.#wasOpen = true;
    return this.#current;
  }

  /** Somebody takes a copy of it. */
  copy(): void {
    this.#backup = this.#content();
  }

  /** It is as it was when it was copied last; false when it never was. Nobody may have it open. */
  setBack(): boolean {
    if (!this.#backup) return false;
    this.#replace(this.#make(this.#backup.indexId));
    this.#fill(this.#backup);
    return true;
  }

  /** It is damaged, and made anew. Nobody may have it open. */
  lose(): void {
    this.#replace(this.#make());
  }

  close(): void {
    for (const database of [this.#current, ...this.#former]) database.close();
  }

  /** The same under another id. */
  #beginAnew(): void {
    const content = this.#content();
    this.#replace(this.#make());
    const { indexId } = this.#current;
    this.#fill(content);
    this.#current.setMeta('index-id', indexId);
  }

  #content(): Backup {
    const tables = new Map<string, readonly SqlRow[]>();
    for (const name of tablesOf(this.#current)) {
      tables.set(name, this.#current.prepare(`SELECT * FROM ${name}`).rows());
    }
    return { indexId: this.#current.indexId, tables };
  }

  #fill({ tables }: Backup): void {
    const database = this.#current;
    database.transaction(() => {
      for (const name of tablesOf(database)) database.prepare(`DELETE FROM ${name}`).run();
      for (const [name, rows] of tables) {
        const insertion = `INSERT INTO ${name} VALUES (${rows[0]?.map(() => '?').join()})`;
        for (const row of rows) database.prepare(insertion).run(...row);
      }
    });
  }

  #replace(database: Database): void {
    // Promises of a process that was killed may still look into the one before.
    this.#former.push(this.#current);
    this.#current = database;
  }

  #make(indexId?: string): Database {
    const { random } = this.#parts;
    const bytes = indexId === undefined ? undefined : Buffer.from(indexId, 'hex');
    const idRandom: Random = { next: () => random.next(), bytes: (length) => bytes ?? random.bytes(length) };
    return openDatabase({ ...this.#parts, stateFolder: ':memory:', random: idRandom });
  }
}

/** The numbers that are not given again (`sqlite_sequence`) come last: they follow what is inserted. */
function tablesOf(database: Database): string[] {
  const all = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name = 'sqlite_sequence', name";
  return database
    .prepare(all)
    .rows()
    .map(([name]) => String(name));
}
