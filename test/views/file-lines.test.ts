import test from 'ava';
import type { FileView } from '../../src/agent-api.ts';
import { fileLines } from '../../src/views/file-lines.ts';

test('of who has a file it is said who is away', (t) => {
  const file: FileView = {
    ...{ path: 'foto.jpg', size: 5000, mtime: '2026-11-22T14:03:05.000Z', hash: null, local: true },
    holders: [
      { id: 'A', name: 'ana', state: 'offline' },
      { id: 'B', name: 'bea', state: 'online' },
    ],
  };
  t.regex(fileLines('es', [file], { holders: true })[1]!, / aquí, ana \(ausente\), bea +foto\.jpg$/);
  t.regex(fileLines('en', [file], { holders: true })[1]!, / here, ana \(offline\), bea +foto\.jpg$/);
});
