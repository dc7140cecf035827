import type { Database } from './database.ts';
import type { Statement } from './sqlite.ts';

/** Small states of one kind (downloads, conflicts…), by id, kept as JSON. Every call is durable when it returns. */
export class DocumentStore<Value> {
  readonly #kind: string;
  readonly #database: Database;
  readonly #parse: (json: unknown) => Value | undefined;
  readonly #statements: Readonly<Record<'get' | 'put' | 'delete' | 'all', Statement>>;

  /**
   * @param kind the name of the collection.
   * @param parse checks what was read and returns it, or undefined to leave it out: older releases write otherwise.
   */
  constructor(database: Database, kind: string, parse: (json: unknown) => Value | undefined) {
    this.#kind = kind;
    this.#database = database;
    this.#parse = parse;
    this.#statements = {
      get: database.prepare('SELECT json FROM document WHERE kind = ? AND id = ?'),
      put: database.prepare('INSERT OR REPLACE INTO document (kind, id, json) VALUES (?, ?, ?)'),
      delete: database.prepare('DELETE FROM document WHERE kind = ? AND id = ?'),
      all: database.prepare('SELECT id, json FROM document WHERE kind = ? ORDER BY id'),
    };
  }

  get(id: string): Value | undefined {
    const row = this.#statements.get.row(this.#kind, id);
    return row && this.#read(row[0] as string);
  }

  put(id: string, value: Value): void {
    this.#statements.put.run(this.#kind, id, JSON.stringify(value));
  }

  /** Puts and deletes (undefined) in one transaction. */
  write(changes: Iterable<readonly [id: string, value: Value | undefined]>): void {
    this.#database.transaction(() => {
      for (const [id, value] of changes) {
        if (value === undefined) this.delete(id);
        else this.put(id, value);
      }
    });
  }

  delete(id: string): void {
    this.#statements.delete.run(this.#kind, id);
  }

  /** By ascending id. */
  all(): Map<string, Value> {
    const values = new Map<string, Value>();
    for (const [id, json] of this.#statements.all.rows(this.#kind)) {
      const value = this.#read(json as string);
      if (value !== undefined) values.set(id as string, value);
    }
    return values;
  }

  #read(json: string): Value | undefined {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      return undefined;
    }
    return this.#parse(value);
  }
}
