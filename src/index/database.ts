import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { CompartidosError, isCompartidosError, systemErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { describeFolder } from './described-folder.ts';
import { MIGRATIONS } from './schema.ts';
import { hasBegun, leaveGap } from './sequence-gaps.ts';
import { Connection, SqliteError, type Statement } from './sqlite.ts';

export interface DatabaseOptions {
  /** The state folder, absolute; made (0700) if missing. `:memory:` keeps everything in memory. */
  readonly stateFolder: string;
  /** The shared folder, absolute, whose index it is to be: one of another folder begins anew. Any if omitted. */
  readonly folder?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** In the state folder. */
export const DATABASE_FILE = 'index.db';
const INDEX_ID_BYTES = 8;
/** KiB that SQLite may use to cache pages. */
const CACHE_KIB = 32 * 1024;
const PAGE_BYTES = 4096;
/** Pages (64 MiB) that the write-ahead log gathers, so that a page is moved to its place once for many changes. */
const LOG_PAGES = 16 * 1024;

/** The database of one agent, which nobody else has open. Made by `openDatabase`. */
export class Database {
  /** 16 hex digits; another with each new database, and with each other folder. */
  readonly indexId: string;
  readonly #connection: Connection;
  readonly #get: Statement;
  readonly #set: Statement;
  readonly #undone: (() => void)[] = [];
  /** Undefined when it lies in memory. */
  readonly #folder: string | undefined;
  #open = true;

  constructor(connection: Connection, folder?: string) {
    this.#connection = connection;
    this.#folder = folder;
    this.#get = connection.prepare('SELECT value FROM meta WHERE key = ?');
    this.#set = connection.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    this.indexId = String(this.meta('index-id'));
  }

  prepare(sql: string): Statement {
    return this.#connection.prepare(sql);
  }

  /** Runs `body` in a transaction: durable when this returns, undone when it throws. May be nested. */
  transaction<Result>(body: () => Result): Result {
    try {
      return this.#connection.transaction(body);
    } catch (error) {
      for (const tell of this.#undone) tell();
      throw error;
    }
  }

  /** `tell` is called when a transaction has been undone: what was written in it never was. */
  onUndone(tell: () => void): void {
    this.#undone.push(tell);
  }

  /**
   * Bytes that may still be written on its disk, Infinity when nobody can tell. What the log takes counts as used
   * twice, since it has yet to be moved to its place.
   */
  free(): number {
    if (this.#folder === undefined) return Infinity;
    try {
      const { bavail, blocks, bsize } = statfsSync(this.#folder);
      if (blocks === 0) return Infinity;
      const log = statSync(join(this.#folder, `${DATABASE_FILE}-wal`), { throwIfNoEntry: false });
      return bavail * bsize - (log?.size ?? 0);
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      return Infinity;
    }
  }

  meta(key: string): string | number | undefined {
    const value = this.#get.row(key)?.[0];
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  }

  setMeta(key: string, value: string | number): void {
    this.#set.run(key, value);
  }

  /** Closes it and gives up the lock. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (!this.#connection.damaged) this.setMeta('clean', 1);
    } catch (error) {
      // A full disk: the next start checks the database, as after a crash.
      if (!(error instanceof SqliteError)) throw error;
    } finally {
      this.#connection.close();
    }
  }
}

/**
 * Opens the database of a state folder, brings it up to date and keeps it locked: one agent a state folder. One that
 * is damaged is moved aside (`index.db.damaged-TIME`) and made anew; the folder is then scanned and hashed again, as it
 * is when it is another one than before.
 * @throws STATE_LOCKED when another process has it open, STATE_UNWRITABLE, STATE_TOO_NEW when a later release wrote it.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { stateFolder, clock, logger } = options;
  if (stateFolder === ':memory:') return open(':memory:', undefined, options);
  const file = join(stateFolder, DATABASE_FILE);
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    try {
      return open(file, stateFolder, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const aside = `${file}.damaged-${new Date(clock.now()).toISOString().replaceAll(':', '.')}`;
      for (const suffix of ['', '-wal', '-shm', '-journal']) {
        if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
      }
      const database = open(file, stateFolder, options);
      logger.warn('index.rebuilt', { file: aside });
      return database;
    }
  } catch (error) {
    throw explained(error, stateFolder);
  }
}

function open(file: string, stateFolder: string | undefined, options: DatabaseOptions): Database {
  const connection = new Connection(file);
  try {
    // Exclusive before WAL: the index of the log then lives in this process, and no other one can attach to it.
    connection.execute('PRAGMA locking_mode = EXCLUSIVE');
    connection.execute('PRAGMA journal_mode = WAL');
    connection.execute('PRAGMA synchronous = FULL');
    connection.execute(`PRAGMA cache_size = -${CACHE_KIB}`);
    connection.execute(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    connection.execute(`PRAGMA journal_size_limit = ${LOG_PAGES * PAGE_BYTES}`);
    connection.execute('BEGIN IMMEDIATE');
    connection.execute('COMMIT');
    migrate(connection);
    const former = options.folder === undefined ? undefined : describeFolder(connection, options.folder);
    giveId(connection, options.random);
    leaveGap(connection, options.clock.now());
    if (former !== undefined) options.logger.info('index.begun-anew', { folder: former });
    const database = new Database(connection, stateFolder);
    // After a clean stop the pages are as SQLite wrote them; reading them all again would delay every start.
    if (database.meta('clean') !== 1) check(connection);
    database.setMeta('clean', 0);
    return database;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function migrate(connection: Connection): void {
  const version = Number(connection.prepare('PRAGMA user_version').row()![0]);
  if (version > MIGRATIONS.length) throw new CompartidosError('STATE_TOO_NEW', { version });
  for (const [offset, step] of MIGRATIONS.slice(version).entries()) {
    connection.transaction(() => {
      connection.execute(step);
      connection.execute(`PRAGMA user_version = ${version + offset + 1}`);
    });
  }
}

/**
 * Another one with each index that begins. One without entries begins with every start: it may have been brought back from
 * a backup, and the numbers that it is about to give may have been given before under the id that it had.
 */
function giveId(connection: Connection, random: Random): void {
  const id = Buffer.from(random.bytes(INDEX_ID_BYTES)).toString('hex');
  const verb = hasBegun(connection) ? 'IGNORE' : 'REPLACE';
  connection.prepare(`INSERT OR ${verb} INTO meta VALUES ('index-id', ?)`).run(id);
}

class DamagedDatabase extends Error {}

function check(connection: Connection): void {
  const result = connection.prepare('PRAGMA quick_check(1)').row()?.[0];
  if (result !== 'ok') throw new DamagedDatabase(String(result));
}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true;
  if (!(error instanceof SqliteError)) return false;
  // A file of ours that lacks its tables, or has others, is as useless as one whose pages are broken.
  return /^SQLITE_(NOTADB|CORRUPT|ERROR$)/.test(error.code);
}

function explained(error: unknown, stateFolder: string): unknown {
  if (isCompartidosError(error)) return error;
  const code = systemErrorCode(error);
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED') {
    return new CompartidosError(
      'STATE_LOCKED',
      { folder: stateFolder, pid: holder(stateFolder) },
      { cause: error },
    );
  }
  if (code === undefined) return error;
  const reason = code === 'SQLITE_CANTOPEN' ? whyUnopened(join(stateFolder, DATABASE_FILE)) : code;
  return new CompartidosError('STATE_UNWRITABLE', { folder: stateFolder, reason }, { cause: error });
}

/** What the system says where SQLite only says that it cannot open `file`. */
function whyUnopened(file: string): string {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== undefined) return code;
  }
  return 'SQLITE_CANTOPEN';
}

/** The process id of the agent that runs on `stateFolder`, or 0 when it has not said so yet. */
function holder(stateFolder: string): number {
  try {
    const agent: unknown = JSON.parse(readFileSync(join(stateFolder, 'agent.json'), 'utf8'));
    if (typeof agent !== 'object' || agent === null || !('pid' in agent)) return 0;
    return Number.isSafeInteger(agent.pid) ? (agent.pid as number) : 0;
  } catch {
    return 0;
  }
}
