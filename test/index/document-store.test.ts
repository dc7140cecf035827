import test from 'ava';
import { DocumentStore } from '../../src/index/document-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testDatabase } from '../support/test-database.ts';

test('documents survive a restart, and those that no longer make sense are left out', async (t) => {
  const folder = await temporaryFolder(t);
  const text = (json: unknown) => (typeof json === 'string' ? json : undefined);
  const first = testDatabase(folder);
  const documents = new DocumentStore(first, 'note', text);
  documents.put('b', 'two');
  documents.put('a', 'one');
  documents.put('a', 'One');
  documents.write([
    ['c', 'three'],
    ['b', undefined],
  ]);
  new DocumentStore<unknown>(first, 'note', (json) => json).put('d', { of: 'an older release' });
  first.prepare("INSERT INTO document VALUES ('note', 'e', '{')").run();
  new DocumentStore(first, 'other', text).put('a', 'elsewhere');
  first.close();
  const second = testDatabase(folder);
  const again = new DocumentStore(second, 'note', text);
  t.deepEqual(
    [...again.all()],
    [
      ['a', 'One'],
      ['c', 'three'],
    ],
  );
  t.is(again.get('a'), 'One');
  t.is(again.get('b'), undefined);
  t.is(again.get('e'), undefined);
  again.delete('a');
  t.is(again.get('a'), undefined);
  second.close();
});
