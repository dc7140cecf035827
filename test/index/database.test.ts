import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { CompartidosError } from '../../src/core/errors.ts';
import type { Database } from '../../src/index/database.ts';
import { STORED_BYTES } from '../../src/index/entry-row.ts';
import { fileEntry } from '../support/entries.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { storeOf, testDatabase } from '../support/test-database.ts';

/** The user who may nothing. */
const NOBODY = 65_534;
const WRITER = fileURLToPath(new URL('../support/database-writer.js', import.meta.url));

/** Starts the writer; `lines` are what it prints. */
function startWriter(folder: string, mode = ''): { process: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [WRITER, folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { process: child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

function assertSound(t: ExecutionContext, database: Database): void {
  t.deepEqual(database.prepare('PRAGMA integrity_check').rows(), [['ok']]);
  const [entries, files, bytes, highest, stored] = database
    .prepare(
      `SELECT count(*), count(*) FILTER (WHERE flags & 7 = 0), coalesce(sum(size), 0), max(sequence),
         coalesce(sum(${STORED_BYTES}), 0) FROM entry`,
    )
    .row() as number[];
  const { sequence, ...totals } = storeOf(database).totals();
  t.deepEqual(totals, { indexId: '', entries, files, bytes, stored });
  t.true(sequence >= (highest ?? 0));
}

test('it makes a private folder, is durable and keeps its index id', async (t) => {
  const folder = join(await temporaryFolder(t), 'deep', 'state');
  const first = testDatabase(folder);
  t.is((await stat(folder)).mode & 0o777, 0o700);
  t.regex(first.indexId, /^[0-9a-f]{16}$/);
  t.deepEqual(first.prepare('PRAGMA synchronous').row(), [2]);
  t.deepEqual(first.prepare('PRAGMA journal_mode').row(), ['wal']);
  first.setMeta('answer', 42);
  storeOf(first).put([{ entry: fileEntry('x'), disk: undefined }]);
  first.close();
  first.close();
  const second = testDatabase(folder);
  t.is(second.indexId, first.indexId);
  t.is(second.meta('answer'), 42);
  second.close();
  t.not(testDatabase().indexId, first.indexId);
});

test('a second agent on the same state is refused and told who holds it, until the first has gone', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'agent.json'), JSON.stringify({ pid: 4711 }));
  const first = testDatabase(folder);
  const error = t.throws(() => testDatabase(folder), { instanceOf: CompartidosError });
  t.deepEqual([error.code, error.params], ['STATE_LOCKED', { folder, pid: 4711 }]);

  const second = startWriter(folder, 'once');
  t.is((await second.lines.next()).value, 'STATE_LOCKED');
  first.close();
  const third = startWriter(folder);
  t.is((await third.lines.next()).value, 'opened');
  t.throws(() => testDatabase(folder), { code: 'STATE_LOCKED' });
  await kill(third.process);
  testDatabase(folder).close();
});

for (const text of ['', '{', '[]', '{"pid":"x"}', '{"pid":1.5}', 'null']) {
  test(`the holder is unknown when its record says ${text || 'nothing'}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'agent.json'), text);
    const first = testDatabase(folder);
    const error = t.throws(() => testDatabase(folder), { instanceOf: CompartidosError });
    t.deepEqual(error.params, { folder, pid: 0 });
    first.close();
  });
}

test('killed in the middle of writing, it has all that was durable and is sound', async (t) => {
  const folder = await temporaryFolder(t);
  for (const batches of [1, 3, 8, 20]) {
    const writer = startWriter(folder);
    t.is((await writer.lines.next()).value, 'opened');
    let durable = 0;
    for (let batch = 0; batch < batches; batch += 1) durable = Number((await writer.lines.next()).value);
    await kill(writer.process);
    for (let line = await writer.lines.next(); !line.done; line = await writer.lines.next())
      durable = Number(line.value);

    const logger = new RecordingLogger();
    const database = testDatabase(folder, logger);
    t.true(storeOf(database).sequence >= durable);
    assertSound(t, database);
    t.is(
      storeOf(database).after(0, 10_000).length,
      database.prepare('SELECT count(*) FROM entry').row()![0] as number,
    );
    t.deepEqual(logger.events, []);
    database.close();
  }
});

/** A database of some entries that was not closed cleanly, to be damaged. */
async function uncleanDatabase(folder: string): Promise<{ indexId: string; file: string }> {
  const database = testDatabase(folder);
  storeOf(database).put(
    Array.from({ length: 500 }, (_, at) => ({ entry: fileEntry(`${at}`), disk: undefined })),
  );
  const { indexId } = database;
  database.close();
  const again = testDatabase(folder);
  again.setMeta('clean', 0);
  again.prepare('PRAGMA wal_checkpoint(TRUNCATE)').row();
  const file = join(folder, 'index.db');
  const bytes = await readFile(file);
  again.close();
  await writeFile(file, bytes);
  return { indexId, file };
}

test('a damaged database is moved aside and made anew', async (t) => {
  const folder = await temporaryFolder(t);
  const { indexId, file } = await uncleanDatabase(folder);
  const bytes = await readFile(file);
  for (let at = 4096; at < bytes.length; at += 4096) bytes.fill(0xa5, at, at + 100);
  await writeFile(file, bytes);

  const logger = new RecordingLogger();
  const database = testDatabase(folder, logger);
  t.not(database.indexId, indexId);
  t.is(storeOf(database).sequence, 0);
  database.close();
  const [aside] = (await readdir(folder)).filter((name) => name.startsWith('index.db.damaged-'));
  t.is((await stat(join(folder, aside!))).size, bytes.length);
  t.deepEqual(
    logger.events.map(({ event, fields }) => [event, fields]),
    [['index.rebuilt', { file: join(folder, aside!) }]],
  );
  testDatabase(folder, logger).close();
  t.is(logger.events.length, 1);
});

test('whatever is in its place, it opens: as it was, or made anew', async (t) => {
  const folder = await temporaryFolder(t);
  const { file } = await uncleanDatabase(folder);
  const sound = await readFile(file);
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  });
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc.nat({ max: sound.length }).map((length) => sound.subarray(0, length)),
    fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
      const bytes = Buffer.from(sound);
      for (const { at, bytes: patch } of changes)
        bytes.set(patch.subarray(0, 8), Math.floor(at * (bytes.length - 8)));
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      await writeFile(file, bytes);
      const database = testDatabase(folder);
      const store = storeOf(database);
      store.put([{ entry: fileEntry('new'), disk: undefined }]);
      t.truthy(store.get(fileEntry('new').path));
      database.close();
    }),
    { numRuns: 60 },
  );
});

test('damage that is met while it runs is looked for at the next start', async (t) => {
  const folder = await temporaryFolder(t);
  const { file } = await uncleanDatabase(folder);
  testDatabase(folder).close();
  const bytes = await readFile(file);
  // The first page alone is left as it is.
  for (let at = 2 * 4096; at < bytes.length; at += 4096) bytes.fill(0xa5, at, at + 4096);
  await writeFile(file, bytes);
  const logger = new RecordingLogger();
  let database: Database | undefined;
  try {
    database = testDatabase(folder, logger);
    storeOf(database).after(0, 1000);
  } catch {
    // What fails first depends on where the pages lie.
  }
  database?.close();
  const next = testDatabase(folder, logger);
  t.is(logger.of('index.rebuilt').length, 1);
  t.is(storeOf(next).sequence, 0);
  next.close();
});

// Nothing else may run while this process is nobody.
test.serial('a state folder that cannot be used is an error that says why', async (t) => {
  const folder = await temporaryFolder(t);
  const reasonOf = (state: string) => {
    const error = t.throws<CompartidosError>(() => testDatabase(join(folder, state)), {
      code: 'STATE_UNWRITABLE',
    });
    return error.params['reason'];
  };
  await writeFile(join(folder, 'file'), '');
  t.is(reasonOf('file'), 'EEXIST');
  await mkdir(join(folder, 'state', 'index.db'), { recursive: true });
  t.is(reasonOf('state'), 'EISDIR');
  await mkdir(join(folder, 'closed'));
  await chmod(join(folder, 'closed'), 0o500);
  await chmod(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid!(NOBODY);
  try {
    t.is(reasonOf('closed'), 'EACCES');
  } finally {
    if (isRoot) process.seteuid!(0);
  }
  await chmod(folder, 0o700);
  await chmod(join(folder, 'closed'), 0o700);
});
