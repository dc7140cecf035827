import Libsql from 'libsql';

/** What SQLite can hold, as it goes in. The binding aborts the process on other types, so the compiler keeps them out. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** A row by column position. Blobs come out as Buffers; integers beyond 2^53 lose precision. */
export type SqlRow = readonly (string | number | Buffer | null)[];

/** A prepared statement. */
export class Statement {
  readonly #statement: Libsql.Statement<unknown[]>;

  constructor(statement: Libsql.Statement<unknown[]>) {
    this.#statement = statement;
    if (statement.reader) statement.raw();
  }

  /** Runs it and returns the id of the row last inserted, if it inserted one. */
  run(...values: SqlValue[]): number {
    try {
      return Number(this.#statement.run(values).lastInsertRowid);
    } catch (error) {
      throw sqliteError(error);
    }
  }

  /** The first row, or undefined. */
  row(...values: SqlValue[]): SqlRow | undefined {
    try {
      return this.#statement.get(values) as SqlRow | undefined;
    } catch (error) {
      throw sqliteError(error);
    }
  }

  /** All rows; the statement is to bound their number. */
  rows(...values: SqlValue[]): SqlRow[] {
    try {
      return this.#statement.all(values) as SqlRow[];
    } catch (error) {
      throw sqliteError(error);
    }
  }
}

/** One SQLite file, opened. */
export class Connection {
  readonly #connection: Libsql.Database;
  #closed = false;

  /** @param path absolute, or `:memory:`. */
  constructor(path: string) {
    try {
      this.#connection = new Libsql(path);
    } catch (error) {
      throw sqliteError(error);
    }
  }

  prepare(sql: string): Statement {
    try {
      return new Statement(this.#connection.prepare(sql));
    } catch (error) {
      throw sqliteError(error);
    }
  }

  execute(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (error) {
      throw sqliteError(error);
    }
  }

  /** Runs `body` in a transaction, or as a part of the one that is under way; rolls back when it throws. */
  transaction<Result>(body: () => Result): Result {
    if (this.#connection.inTransaction) return body();
    this.execute('BEGIN IMMEDIATE');
    let result: Result;
    try {
      result = body();
      this.execute('COMMIT');
    } catch (error) {
      // A full disk or an I/O error has rolled back already; a second rollback would hide the cause.
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
    return result;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}

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
function sqliteError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return error;
  return new SqliteError(String(error.code), String(error.message));
}
