import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { FolderGate } from '../../src/transfer/folder-gate.ts';
import { FakeLocalIndex } from '../support/fake-local-index.ts';
import { testDatabase } from '../support/test-database.ts';

test('it is closed while the folder is missing or another one, and by nothing else', async (t) => {
  const index = new FakeLocalIndex(testDatabase());
  const gate = new FolderGate(index);
  const problem = (code: 'FOLDER_MISSING' | 'FOLDER_CHANGED' | 'WATCH_LIMIT') =>
    new CompartidosError(code, { folder: '/x' });
  t.true(gate.isOpen);
  for (const code of ['FOLDER_MISSING', 'FOLDER_CHANGED'] as const) {
    index.events.emit('problem', [problem('WATCH_LIMIT'), problem(code)]);
    t.false(gate.isOpen);
    t.like(
      t.throws(() => gate.demandOpen()),
      { code },
    );
    index.events.emit('problem', [problem('WATCH_LIMIT')]);
    t.true(gate.isOpen);
    t.notThrows(() => gate.demandOpen());
  }
  await gate.stop();
  index.events.emit('problem', [problem('FOLDER_MISSING')]);
  t.true(gate.isOpen);
});
