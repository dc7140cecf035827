import { silentLogger, type Logger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { openDatabase, type Database } from '../../src/index/database.ts';

/** A database of its own: in memory, or in `stateFolder`. */
export function testDatabase(stateFolder = ':memory:', logger: Logger = silentLogger): Database {
  return openDatabase({ stateFolder, clock: systemClock, random: systemRandom, logger });
}
