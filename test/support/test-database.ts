import { silentLogger, type Logger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { openDatabase, type Database } from '../../src/index/database.ts';
import { EntryStore } from '../../src/index/entry-store.ts';
import { EntryTable } from '../../src/index/entry-table.ts';

/** A database of its own: in memory, or in `stateFolder`; of any folder, or of `folder`. */
export function testDatabase(
  stateFolder = ':memory:',
  logger: Logger = silentLogger,
  folder?: string,
): Database {
  const options = { stateFolder, clock: systemClock, random: systemRandom, logger };
  return openDatabase(folder === undefined ? options : { ...options, folder });
}

/** Our own entries in it, as an agent that opens it sees them. */
export function storeOf(database: Database): EntryStore {
  return new EntryStore(database, new EntryTable(database));
}

/** Makes the database refuse every change, as on a disk that is full, or take them again. */
export function refuseChanges(database: Database, refused: boolean): void {
  database.prepare(`PRAGMA query_only = ${refused ? 1 : 0}`).rows();
}
