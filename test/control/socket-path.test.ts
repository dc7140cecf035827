import { chmod, chown, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { prepareSocketPath } from '../../src/control/socket-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const own = () => process.getuid!();

/** Makes a runtime folder of our own for the test; a state folder in it has a path that is too long for a socket. */
async function runtimeFolder(t: ExecutionContext) {
  const before = process.env['XDG_RUNTIME_DIR'];
  t.teardown(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });
  const runtime = await temporaryFolder(t);
  process.env['XDG_RUNTIME_DIR'] = runtime;
  return { stateFolder: join(runtime, 'x'.repeat(120)), planted: join(runtime, `compartidos-${own()}`) };
}

test.serial('a link that somebody has put where the socket is to be is not followed', async (t) => {
  const { stateFolder, planted } = await runtimeFolder(t);
  await mkdir(`${planted}-elsewhere`, { mode: 0o700 });
  await symlink(`${planted}-elsewhere`, planted);
  await t.throwsAsync(prepareSocketPath(stateFolder), { code: 'STATE_UNWRITABLE' });
});

test.serial('nor is a folder used that others may go into', async (t) => {
  const { stateFolder, planted } = await runtimeFolder(t);
  await mkdir(planted);
  await chmod(planted, 0o711);
  await t.throwsAsync(prepareSocketPath(stateFolder), { code: 'STATE_UNWRITABLE' });
  await chmod(planted, 0o700);
  t.true((await prepareSocketPath(stateFolder)).startsWith(planted));
});

/** Only root can make somebody else the owner. */
const asRoot = own() === 0 ? test.serial : test.serial.skip;

asRoot('nor is a folder of another user used', async (t) => {
  const { stateFolder, planted } = await runtimeFolder(t);
  await mkdir(planted, { mode: 0o700 });
  await chown(planted, 1, 1);
  await t.throwsAsync(prepareSocketPath(stateFolder), { code: 'STATE_UNWRITABLE' });
});
