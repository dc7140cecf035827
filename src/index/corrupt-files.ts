import type { RelativePath } from '../model/relative-path.ts';
import type { Database } from './database.ts';
import { OURSELVES } from './entry-table.ts';

/**
 * Local files that do not hold the content of their entries although nobody wrote them. One is that as long as its
 * entry is of the same content: another version, time or mode of it does not mend the file.
 */
export class CorruptFiles {
  readonly #statements;
  /** Whether there may be any: nearly always there is none, and nothing need be asked. */
  #mayBe: boolean;

  constructor(database: Database) {
    const current = `FROM corrupt JOIN entry
      ON entry.device = ${OURSELVES} AND entry.path = corrupt.path AND entry.hash = corrupt.hash`;
    this.#statements = {
      any: database.prepare('SELECT 1 FROM corrupt LIMIT 1'),
      has: database.prepare(`SELECT 1 ${current} WHERE corrupt.path = ?`),
      count: database.prepare(`SELECT count(*) ${current}`),
      first: database.prepare(`SELECT corrupt.path ${current} ORDER BY corrupt.path LIMIT ?`),
      put: database.prepare('INSERT OR REPLACE INTO corrupt VALUES (?, ?)'),
      remove: database.prepare('DELETE FROM corrupt WHERE path = ?'),
    };
    this.#mayBe = this.#statements.any.row() !== undefined;
  }

  has(path: RelativePath): boolean {
    return this.#mayBe && this.#statements.has.row(path) !== undefined;
  }

  get count(): number {
    return this.#mayBe ? Number(this.#statements.count.row()![0]) : 0;
  }

  /** At most `limit`, by path. */
  first(limit: number): RelativePath[] {
    return this.#mayBe ? this.#statements.first.rows(limit).map(([path]) => path as RelativePath) : [];
  }

  /** @param hash of what the file should hold. */
  add(path: RelativePath, hash: Uint8Array): void {
    this.#mayBe = true;
    this.#statements.put.run(path, hash);
  }

  /** To be called whenever something was put at `path`, or was read there and is taken for right. */
  delete(path: RelativePath): void {
    if (this.#mayBe) this.#statements.remove.run(path);
  }
}
