import { rm } from 'node:fs/promises';
import path, { join } from 'node:path';
import test from 'ava';
import { describeFolder } from '../../src/index/described-folder.ts';
import { Connection } from '../../src/index/sqlite.ts';
import { EntryTable } from '../../src/index/entry-table.ts';
import { RemoteStore } from '../../src/index/remote-store.ts';
import { deviceNamed } from '../support/entries.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { sharedFolderLab } from '../support/shared-folder-lab.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

test('on Windows a folder is the same in any case', (t) => {
  const connection = new Connection(':memory:');
  connection.execute('CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID');
  const describe = (folder: string, system: typeof path.win32) => describeFolder(connection, folder, system);
  t.is(describe('C:\\compartidos\\x', path.win32), undefined);
  t.is(describe('c:\\Compartidos\\X', path.win32), undefined);
  connection.execute("UPDATE meta SET value = '/a/b'");
  t.is(describe('/a/b', path.posix), undefined);
  connection.close();
});

test('another shared folder begins with an empty index, and nothing counts as deleted, there or back', async (t) => {
  const base = await temporaryFolder(t);
  const logger = new RecordingLogger();
  const peer = deviceNamed('peer');
  const facts = { name: 'peer', host: '192.0.2.1', port: 6000, lastSeen: 1 };
  const run = async (
    name: string,
    work: (lab: Awaited<ReturnType<typeof sharedFolderLab>>) => Promise<void>,
  ) => {
    const folder = join(base, name);
    const database = testDatabase(join(base, 'state'), logger, folder);
    const lab = await sharedFolderLab(t, { database, folder });
    const remote = new RemoteStore(database, new EntryTable(database));
    remote.setDevice(peer, { ...facts, lastSeen: remote.devices().size });
    await lab.ready();
    t.deepEqual(lab.index.problems, []);
    await work(lab);
    await lab.index.stop();
    const { announced } = lab;
    t.false(announced.some(({ deleted }) => deleted));
    const devices = remote.devices().size;
    database.close();
    return { id: database.indexId, paths: announced.map(({ path }) => String(path)), devices };
  };
  const first = await run('first', async (lab) => {
    for (const path of ['stays', 'goes']) {
      await lab.place(path, path);
      await lab.next((entry) => entry.path === path && entry.hash !== undefined);
    }
  });
  const second = await run('another/second', async (lab) => {
    t.deepEqual(lab.index.after(0, 100), []);
  });
  t.not(second.id, first.id);
  t.deepEqual(logger.events.filter(({ event }) => event === 'index.begun-anew').length, 1);
  await rm(join(base, 'first', 'goes'));
  const back = await run('first', async () => undefined);
  t.not(back.id, second.id);
  t.not(back.id, first.id);
  t.deepEqual([...new Set(back.paths)], ['stays']);
  const again = await run('first', async () => undefined);
  t.is(again.id, back.id);
  t.deepEqual(again.paths, []);
  t.is(again.devices, 1);
});
