import test from 'ava';
import { DocumentStore } from '../../src/index/document-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

test('documents survive a restart, and a damaged one is left out', async (t) => {
  const folder = await temporaryFolder(t);
  const first = testDatabase(folder);
  const documents = new DocumentStore(first, 'note');
  documents.put('b', 'two');
  documents.put('a', 'one');
  documents.put('a', { is: 'One' });
  documents.write([
    ['c', 'three'],
    ['b', undefined],
  ]);
  first.prepare("INSERT INTO document VALUES ('note', 'e', '{')").run();
  new DocumentStore(first, 'other').put('a', 'elsewhere');
  first.close();
  const second = testDatabase(folder);
  const again = new DocumentStore(second, 'note');
  t.deepEqual(
    [...again.all()],
    [
      ['a', { is: 'One' }],
      ['c', 'three'],
    ],
  );
  again.delete('a');
  t.deepEqual([...again.all()], [['c', 'three']]);
  second.close();
});
