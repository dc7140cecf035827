import test from 'ava';
import type { FileView } from '../../src/agent-api.ts';
import { otherFileLines } from '../../src/views/other-files.ts';

const ana = { id: 'A', name: 'ana', state: 'online' } as const;
const file = (path: string, hash: string, facts: Partial<FileView> = {}): FileView => {
  return { path, hash, size: 1, mtime: '2026-11-29T10:00:00.000Z', local: false, holders: [ana], ...facts };
};

test('who asks for a name that several files bear is told so', async (t) => {
  const files = [
    file('task.pdf', 'a'),
    file('task.pdf', 'b'),
    file('task.pdf', 'c', { local: true, holders: [] }),
    file('my task.pdf', 'd'),
    file('one', 'e'),
    file('ñ', 'f'),
    file('ñ', 'g'),
  ];
  const asked: string[] = [];
  const api = {
    find: async (query: string) => {
      asked.push(query);
      return files.filter(({ path }) => path.includes(query.normalize('NFC')));
    },
  };
  const names = ['task.pdf', 'one', 'n\u0303', '*', 'nothing'];
  t.deepEqual(await otherFileLines('es', api, names, 'prompt.other-files'), [
    'Hay 2 archivos distintos llamados task.pdf; se trae el más reciente. «buscar» los muestra y «bajar NÚMERO» elige uno.',
    'Hay 2 archivos distintos llamados ñ; se trae el más reciente. «buscar» los muestra y «bajar NÚMERO» elige uno.',
  ]);
  t.deepEqual(asked, ['task.pdf', 'one', 'n\u0303', 'nothing']);
});
