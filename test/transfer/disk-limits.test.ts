import { randomBytes } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { pair } from '../support/transfer-checks.ts';
import { TroubledFileSystem } from '../support/troubled-file-system.ts';

const MIB = 1024 * 1024;

test('a link where the disk holds none, and a file larger than it allows, fail at once and say why', async (t) => {
  const fileSystem = new TroubledFileSystem(new NodeFileSystem());
  const { alice, bob } = await pair(t, { fileSystem, clock: new FakeClock() });
  await alice.write('file', randomBytes(3 * MIB));
  await symlink('file', join(alice.folder, 'link'));
  await alice.index.refresh(parseRelativePath('link'));
  alice.announceTo(bob);
  for (const [path, operation, system, code, reason] of [
    ['link', 'symlink', 'EPERM', 'NAME_UNSUPPORTED', 'no-links'],
    ['link', 'symlink', 'ENOSYS', 'NAME_UNSUPPORTED', 'no-links'],
    // What Windows says of exFAT.
    ['link', 'symlink', 'EISDIR', 'NAME_UNSUPPORTED', 'no-links'],
    ['file', 'truncate', 'EFBIG', 'FILE_TOO_LARGE', 'EFBIG'],
  ] as const) {
    fileSystem.trouble = (attempted) => (attempted === operation ? system : undefined);
    const { state, error } = await bob.get(alice, path).finished;
    t.is(state, 'failed');
    t.is(error!.code, code);
    t.is(error!.params['reason'], reason);
  }
});
