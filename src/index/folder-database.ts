import type { FileSystem } from '../core/file-system.ts';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import { describeAs, describedFolder, isSameFolder } from './described-folder.ts';
import { SharedFolder, type FolderMemory } from './shared-folder.ts';

export interface FolderDatabaseOptions extends DatabaseOptions {
  readonly folder: string;
  readonly files: FileSystem;
}

/** Nothing that is found here counts before the database has begun anew. */
const NO_MEMORY: FolderMemory = { meta: () => undefined, setMeta: () => undefined };

/**
 * Opens the database of a state folder as the index of the shared folder `folder`. That of another one is given up only
 * when this one has been found, or made, and can be used: one that cannot must not cost all hashes and versions. One that has
 * moved, by itself or with the program, is the same: it has its marker, and where it was there is none.
 * @throws what `openDatabase` does; FOLDER_MISSING when the index is another folder's and this one cannot be used
 */
export async function openDatabaseOf(options: FolderDatabaseOptions): Promise<Database> {
  const { folder, files, random, stateFolder, clock, logger } = options;
  const database = openDatabase({ stateFolder, clock, random, logger });
  const hasMarker = (path: string) => new SharedFolder(path, files, database, random).isThatKnown();
  try {
    const known = describedFolder(database);
    if (known !== undefined && isSameFolder(known, folder)) return database;
    if (known === undefined || ((await hasMarker(folder)) && !(await hasMarker(known)))) {
      describeAs(database, folder);
      return database;
    }
    await new SharedFolder(folder, files, NO_MEMORY, random).verify(true);
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return openDatabase(options);
}
