import type Libsql from 'libsql';
import { loadNative } from '../core/native-module.ts';

const { default: Binding } = await loadNative(() => import('libsql'));

/** What SQLite can hold, as it goes in. The binding aborts the process on other types: the compiler keeps them out. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** A row by column position. Blobs come out as Buffers; integers beyond 2^53 lose precision. */
export type SqlRow = readonly (string | number | Buffer | null)[];

/** What SQLite refused. `code` is its own: `SQLITE_BUSY`, `SQLITE_CORRUPT`, `SQLITE_CONSTRAINT_UNIQUE`… */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** The binding throws objects that look like errors and are none: without a stack, and not `instanceof Error`. */
function toSqliteError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return error;
  const message = String(error.message);
  // It has no code for a file that cannot be opened, and ends with the number that SQLite gives.
  const isUnopened = error.code === '' && /\b14\W*$/.test(message);
  return new SqliteError(isUnopened ? 'SQLITE_CANTOPEN' : String(error.code), message);
}

/** Does something with an open connection, and turns what the binding throws into what is thrown. */
type Use = <Result>(work: () => Result) => Result;

/** A prepared statement. */
export class Statement {
  readonly #statement: Libsql.Statement<unknown[]>;
  readonly #use: Use;

  /** @param use is asked for every use of the statement. */
  constructor(statement: Libsql.Statement<unknown[]>, use: Use) {
    this.#statement = statement;
    this.#use = use;
    if (statement.reader) statement.raw();
  }

  run(...values: SqlValue[]): void {
    this.#use(() => this.#statement.run(values));
  }

  /** Runs an INSERT, and returns the id of its row, or undefined where ON CONFLICT let it do nothing. */
  insert(values: readonly SqlValue[]): number | undefined {
    const { changes, lastInsertRowid } = this.#use(() => this.#statement.run(values));
    return changes > 0 ? Number(lastInsertRowid) : undefined;
  }

  /** The first row, or undefined. */
  row(...values: SqlValue[]): SqlRow | undefined {
    return this.#use(() => this.#statement.get(values) as SqlRow | undefined);
  }

  /** All rows; the statement is to bound their number. */
  rows(...values: SqlValue[]): SqlRow[] {
    return this.#use(() => this.#statement.all(values) as SqlRow[]);
  }
}

/** One SQLite file, opened. */
export class Connection {
  readonly #connection: Libsql.Database;
  #damaged = false;
  #closed = false;

  /**
   * @param path absolute, or `:memory:`.
   * @throws SqliteError, as every method does.
   */
  constructor(path: string) {
    try {
      this.#connection = new Binding(path);
    } catch (error) {
      throw toSqliteError(error);
    }
  }

  /** Whether SQLite has met a page that makes no sense. */
  get damaged(): boolean {
    return this.#damaged;
  }

  prepare(sql: string): Statement {
    return this.#use(() => new Statement(this.#connection.prepare(sql), this.#use));
  }

  execute(sql: string): void {
    this.#use(() => this.#connection.exec(sql));
  }

  /** Runs `body` in a transaction, or as a part of the one that is under way; rolls back when it throws. */
  transaction<Result>(body: () => Result): Result {
    if (this.#connection.inTransaction) return body();
    this.execute('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.execute('COMMIT');
      return result;
    } catch (error) {
      // A full disk or an I/O error has rolled back already; a second rollback would hide the cause.
      if (this.#connection.inTransaction) this.execute('ROLLBACK');
      throw error;
    }
  }

  /** Closes the file and gives up its locks. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      // The binding keeps the file open until its statements are collected, so the lock has to go by itself, and it
      // does not go while the file is in WAL mode.
      this.#connection.exec('PRAGMA journal_mode = DELETE');
      this.#connection.exec('PRAGMA locking_mode = NORMAL');
      this.#connection.exec('SELECT 1 FROM sqlite_schema');
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#connection.close();
    }
  }

  readonly #use: Use = (work) => {
    // The binding would abort the process.
    if (this.#closed) throw new SqliteError('SQLITE_MISUSE', 'the database is closed');
    try {
      return work();
    } catch (error) {
      throw this.#failed(error);
    }
  };

  #failed(error: unknown): unknown {
    const converted = toSqliteError(error);
    if (converted instanceof SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(converted.code))
      this.#damaged = true;
    return converted;
  }
}
