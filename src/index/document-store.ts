import type { Database } from './database.ts';
import type { Statement } from './sqlite.ts';

/** What parts keep their states in between runs: a DocumentStore, one that waits for the disk, or a fake. */
export interface Documents {
  all(): ReadonlyMap<string, unknown>;
  /** Puts and deletes (undefined). */
  write(changes: Iterable<readonly [id: string, value: unknown]>): void;
}

/**
 * Small states of one kind (downloads, conflicts…), by id, kept as JSON. Every call is durable when it returns. Whoever reads
 * them checks them: older releases write otherwise.
 */
export class DocumentStore implements Documents {
  readonly #kind: string;
  readonly #database: Database;
  readonly #statements: Readonly<Record<'put' | 'delete' | 'all', Statement>>;

  /** @param kind the name of the collection. */
  constructor(database: Database, kind: string) {
    this.#kind = kind;
    this.#database = database;
    this.#statements = {
      put: database.prepare('INSERT OR REPLACE INTO document (kind, id, json) VALUES (?, ?, ?)'),
      delete: database.prepare('DELETE FROM document WHERE kind = ? AND id = ?'),
      all: database.prepare('SELECT id, json FROM document WHERE kind = ? ORDER BY id'),
    };
  }

  put(id: string, value: unknown): void {
    this.#statements.put.run(this.#kind, id, JSON.stringify(value));
  }

  /** Puts and deletes (undefined) in one transaction. */
  write(changes: Iterable<readonly [id: string, value: unknown]>): void {
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

  /** By ascending id; without what is no JSON. */
  all(): Map<string, unknown> {
    const values = new Map<string, unknown>();
    for (const [id, json] of this.#statements.all.rows(this.#kind)) {
      try {
        values.set(id as string, JSON.parse(json as string));
      } catch {
        // A damaged row is left out, as one that makes no sense is by its reader.
      }
    }
    return values;
  }
}
