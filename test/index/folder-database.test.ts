import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger, type Logger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { openDatabaseOf } from '../../src/index/folder-database.ts';
import { SharedFolder } from '../../src/index/shared-folder.ts';
import { fileEntry } from '../support/entries.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeOf } from '../support/test-database.ts';

/** Opens the one database of `base` as the index of the folder of a name in it. */
const opening =
  (base: string, logger: Logger = silentLogger) =>
  (name: string) =>
    openDatabaseOf({
      stateFolder: join(base, 'state'),
      folder: join(base, name),
      files: new NodeFileSystem(),
      clock: systemClock,
      random: systemRandom,
      logger,
    });

test('an index is given up for another folder only when that can be used', async (t) => {
  const base = await temporaryFolder(t);
  const logger = new RecordingLogger();
  const open = opening(base, logger);
  const first = await open('right');
  storeOf(first).put([{ entry: fileEntry('x'), disk: undefined }]);
  first.close();

  await writeFile(join(base, 'file'), 'no folder');
  await mkdir(join(base, 'odd'));
  await writeFile(join(base, 'odd', '.compartidos'), 'no folder');
  for (const name of ['file', 'file/below', 'odd']) {
    await t.throwsAsync(open(name), { code: 'FOLDER_MISSING' }, name);
  }

  const again = await open('right');
  t.is(again.indexId, first.indexId);
  t.truthy(storeOf(again).get(fileEntry('x').path));
  t.deepEqual(logger.of('index.begun-anew'), []);
  again.close();
  // Of the folder that is known nothing is made: it may be a disk that is not there at the moment.
  t.false((await readdir(base)).includes('right'));

  await rm(join(base, 'file'));
  const other = await open('file');
  t.not(other.indexId, first.indexId);
  t.is(storeOf(other).totals().entries, 0);
  t.is(logger.of('index.begun-anew').length, 1);
  other.close();
});

test('an index moves with its folder, and begins anew for a copy of that', async (t) => {
  const base = await temporaryFolder(t);
  const open = opening(base);
  const first = await open('here');
  await new SharedFolder(join(base, 'here'), new NodeFileSystem(), first, systemRandom).verify(true);
  storeOf(first).put([{ entry: fileEntry('x'), disk: undefined }]);
  first.close();

  await rename(join(base, 'here'), join(base, 'there'));
  const moved = await open('there');
  t.is(moved.indexId, first.indexId);
  t.truthy(storeOf(moved).get(fileEntry('x').path));
  moved.close();
  const again = await open('there');
  t.is(again.indexId, first.indexId);
  again.close();

  await cp(join(base, 'there'), join(base, 'copy'), { recursive: true });
  const copy = await open('copy');
  t.not(copy.indexId, first.indexId);
  t.is(storeOf(copy).totals().entries, 0);
  copy.close();
});
