import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CompartidosError } from '../core/errors.ts';

/** Bytes: sun_path of unix(7) holds 108 on Linux and 104 on macOS and the BSDs, NUL included. */
const MAX_SOCKET_PATH = 100;

/**
 * Where the socket of the agent of `stateFolder` is to be made: inside it or, where the path would be too long for a
 * socket, in a folder of the user's own. On Windows it is a named pipe.
 * @throws STATE_UNWRITABLE when that folder is not ours alone, or its path too long as well
 */
export async function prepareSocketPath(stateFolder: string): Promise<string> {
  const digest = createHash('sha256').update(stateFolder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\compartidos-${digest}`;
  const inside = join(stateFolder, 'agent.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) {
    await mkdir(stateFolder, { recursive: true, mode: 0o700 });
    return inside;
  }
  const path = [process.env['XDG_RUNTIME_DIR'], tmpdir()]
    .flatMap((place) => (place ? [join(place, `compartidos-${process.getuid!()}`, `${digest}.sock`)] : []))
    .find((each) => Buffer.byteLength(each) <= MAX_SOCKET_PATH);
  if (path === undefined) {
    throw new CompartidosError('STATE_UNWRITABLE', { folder: stateFolder, reason: 'too-long' });
  }
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const facts = await lstat(folder);
  // Anybody may have made this name in a shared temporary folder before us.
  if (!facts.isDirectory() || facts.uid !== process.getuid!() || (facts.mode & 0o077) !== 0) {
    throw new CompartidosError('STATE_UNWRITABLE', { folder, reason: 'EPERM' });
  }
  return path;
}
