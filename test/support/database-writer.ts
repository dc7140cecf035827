/**
 * A process that opens the database of the folder named by its first argument and writes until it is killed: batches
 * of ten entries, each followed by a line with the highest sequence that is durable. Given `once` it only opens it,
 * and prints the code of the error if there is one.
 */
import { CompartidosError } from '../../src/core/errors.ts';
import { fileEntry } from './entries.ts';
import { storeOf, testDatabase } from './test-database.ts';

const [folder = '', mode] = process.argv.slice(2);
try {
  const database = testDatabase(folder);
  const store = storeOf(database);
  console.log('opened');
  for (let batch = 0; mode !== 'once'; batch += 1) {
    const entries = Array.from({ length: 10 }, (_, at) =>
      fileEntry(`${batch % 50}/${at}`, { content: `${batch}` }),
    );
    const stored = store.put(entries.map((entry) => ({ entry, disk: undefined })));
    console.log(stored.at(-1)!.sequence);
    await new Promise((resolve) => setImmediate(resolve));
  }
  database.close();
} catch (error) {
  if (!(error instanceof CompartidosError)) throw error;
  console.log(error.code);
}
