import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { pair, sameBytes, untilView } from '../support/transfer-checks.ts';
import { TroubledFileSystem, type FileOperation } from '../support/troubled-file-system.ts';

for (const [what, edit] of [
  ['replaced', undefined],
  ['set aside', 'edited here'],
] as const) {
  test(`what was to be ${what} and cannot be put back either is not told of as deleted`, async (t) => {
    const fileSystem = new TroubledFileSystem(new NodeFileSystem());
    const clock = new FakeClock();
    const { alice, bob } = await pair(t, { fileSystem, clock });
    const mirrored = { reason: 'rule', mode: 'mirror', ruleId: 'r' } as const;
    await alice.write('file', Buffer.from('older'));
    alice.announceTo(bob);
    await bob.get(alice, 'file', mirrored).finished;
    if (edit) await bob.write('file', Buffer.from(edit));
    await alice.write('file', Buffer.from('newer content'));
    alice.announceTo(bob);
    const changes = new Set<FileOperation>([
      'rename',
      'renameNew',
      'unlink',
      'write',
      'sync',
      'syncDirectory',
    ]);
    let isReadOnly = false;
    fileSystem.trouble = (operation, path) => {
      isReadOnly ||= operation === 'renameNew' && path === join(bob.folder, 'file');
      return isReadOnly && changes.has(operation) ? 'EROFS' : undefined;
    };
    const handle = bob.get(alice, 'file', mirrored);
    await untilView(bob, handle.id, ({ state }) => state === 'paused');
    t.like(await bob.index.refresh(parseRelativePath('file')), { deleted: true, version: [] });
    t.is(bob.logged('trash.not-put-back').length, 1);

    fileSystem.trouble = () => undefined;
    let done = false;
    void handle.finished.then(() => (done = true));
    while (!done) await clock.advance(1000);
    await sameBytes(t, bob, 'file', Buffer.from('newer content'));
    const below = await readdir(bob.folder, { recursive: true, withFileTypes: true });
    const contents = below.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
    t.true((await Promise.all(contents.map((name) => readFile(name, 'utf8')))).includes(edit ?? 'older'));
  });
}
