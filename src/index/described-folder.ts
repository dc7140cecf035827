import path from 'node:path';
import type { FolderMemory } from './shared-folder.ts';
import type { Connection } from './sqlite.ts';

const KEY = 'folder';

/** What we have, and what is remembered of the folder it is in. What peers have, and what is asked of them, stays. */
const FORGET = `
  DELETE FROM entry WHERE device = 0;
  DELETE FROM device WHERE number = 0;
  DELETE FROM block;
  DELETE FROM corrupt;
  DELETE FROM meta WHERE key NOT IN ('clean', '${KEY}');
`;

/** The path of the folder whose index a database holds; undefined when it is new, or of an earlier release. */
export function describedFolder(database: Pick<FolderMemory, 'meta'>): string | undefined {
  const known = database.meta(KEY);
  return known === undefined ? undefined : String(known);
}

/** Says that the index is that of `folder`, where it is new, is of an earlier release, or has moved with it. */
export function describeAs(database: Pick<FolderMemory, 'setMeta'>, folder: string): void {
  database.setMeta(KEY, folder);
}

/** On Windows a path is the same in any case, and is what was typed to get there. */
export function isSameFolder(
  known: string,
  folder: string,
  system: Pick<typeof path, 'relative'> = path,
): boolean {
  return system.relative(known, folder) === '';
}

/**
 * Makes the index in this database that of the shared folder `folder` (absolute). A folder of another path, unless it has
 * moved there, is meant to be another one, even if it is empty: the index of the former one is given up, since what lies there only would else count
 * as deleted, for everybody. Nothing is compared with it when the path is the former one again, either.
 * @returns the path of the former folder, if there was another.
 */
export function describeFolder(
  connection: Connection,
  folder: string,
  system: Pick<typeof path, 'relative'> = path,
): string | undefined {
  const known = connection.prepare('SELECT value FROM meta WHERE key = ?').row(KEY)?.[0];
  if (typeof known === 'string' && isSameFolder(known, folder, system)) return undefined;
  connection.transaction(() => {
    // An index that does not say is of an earlier release.
    if (known !== undefined) connection.execute(FORGET);
    connection.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(KEY, folder);
  });
  return known === undefined ? undefined : String(known);
}
