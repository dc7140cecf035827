import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { Download } from '../../src/transfer/download.ts';
import { DownloadKeeper } from '../../src/transfer/download-keeper.ts';
import { DownloadRegister } from '../../src/transfer/download-register.ts';
import { DownloadTelling } from '../../src/transfer/download-telling.ts';
import { orderFor } from '../support/download-order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryDocuments } from '../support/memory-documents.ts';

function telling() {
  const documents = new MemoryDocuments();
  const register = new DownloadRegister();
  const keeper = new DownloadKeeper(documents, new FakeClock());
  const discarded: string[] = [];
  const nameOf = (device: string) => `name of ${device}`;
  const subject = new DownloadTelling(register, keeper, nameOf, (id) => discarded.push(id));
  const add = (id: string) => {
    const download = new Download(id, orderFor(id));
    register.add(download);
    return download;
  };
  return { subject, documents, register, keeper, add, discarded };
}

test('what changes within one turn is told once, as it is when somebody looks', async (t) => {
  const { subject, add } = telling();
  const told: string[] = [];
  subject.events.on('changed', (handle) => told.push(`${handle.id} ${handle.view().state}`));
  const [first, second] = [add('first'), add('second')];
  subject.changed(first);
  subject.changed(second);
  first.apply('started');
  subject.changed(first);
  t.deepEqual(told, []);
  await Promise.resolve();
  t.deepEqual(told.splice(0), ['first connecting', 'second queued']);
  subject.changed(second);
  await Promise.resolve();
  t.deepEqual(told, ['second queued']);
});

test('what a listener changes is told in the next turn', async (t) => {
  const { subject, add } = telling();
  const download = add('one');
  const told: string[] = [];
  subject.events.on('changed', (handle) => {
    told.push(handle.view().state);
    if (download.apply('started')) subject.changed(download);
  });
  subject.changed(download);
  await Promise.resolve();
  t.deepEqual(told, ['queued']);
  await Promise.resolve();
  t.deepEqual(told, ['queued', 'connecting']);
});

test('who holds a handle is told of each end', async (t) => {
  const { subject, add } = telling();
  const download = add('one');
  const handle = subject.handle(download);
  const { finished } = handle;
  download.error = new CompartidosError('NO_SOURCE');
  download.apply('gave-up');
  t.like(await finished, { id: 'one', state: 'failed', error: { code: 'NO_SOURCE' } });
  download.apply('resumed');
  t.is(handle.view().state, 'queued');
  const again = handle.finished;
  download.apply('cancelled');
  t.is((await again).state, 'cancelled');
});

test('one that is forgotten because too many have ended is not kept any longer either', (t) => {
  const { subject, documents, register, keeper, add } = telling();
  const ids = Array.from({ length: 501 }, (_, index) => String(index));
  for (const id of ids) {
    const download = add(id);
    download.apply('gave-up');
    subject.changed(download);
    keeper.flush();
  }
  t.deepEqual(
    register.all().map(({ id }) => id),
    ids.slice(1),
  );
  t.deepEqual([...documents.all().keys()], ids.slice(1));
});

test('what is here of one that has failed goes when it is forgotten', (t) => {
  const { subject, add, discarded } = telling();
  const failed = add('failed');
  failed.apply('gave-up');
  subject.changed(failed);
  for (let number = 0; number < 500; number += 1) {
    t.deepEqual(discarded, []);
    const done = add(`done ${number}`);
    for (const event of ['started', 'completed', 'placed'] as const) done.apply(event);
    subject.changed(done);
  }
  t.deepEqual(discarded, ['failed']);
  const last = add('last');
  last.apply('cancelled');
  subject.changed(last);
  t.deepEqual(discarded, ['failed'], 'one that is done has left nothing');
});

test('when very many are cancelled at once, the disk is written to once', (t) => {
  const { subject, documents, keeper, add } = telling();
  const downloads = Array.from({ length: 2000 }, (_, index) => add(String(index)));
  for (const download of downloads) subject.changed(download);
  keeper.flush();
  t.is(documents.all().size, 2000);
  let writes = 0;
  const write = documents.write.bind(documents);
  documents.write = (changes) => {
    writes += 1;
    write(changes);
  };
  for (const download of downloads) {
    download.apply('cancelled');
    subject.changed(download);
  }
  keeper.flush();
  t.is(documents.all().size, 0);
  t.is(writes, 1);
});

test('what is tried again and again, and is to be kept as it was, is written once', (t) => {
  const { subject, documents, keeper, add } = telling();
  const download = add('one');
  const written: unknown[] = [];
  documents.write = (changes) => void written.push(...changes);
  const change = (event: 'started' | 'interrupted' | 'gave-up') => {
    download.apply(event);
    subject.changed(download);
    keeper.flush();
  };
  subject.changed(download);
  keeper.flush();
  for (let time = 0; time < 5; time += 1) {
    change('started');
    change('interrupted');
  }
  t.is(written.length, 1);
  download.order = { ...download.order, priority: 1 };
  change('started');
  t.is(written.length, 2, 'another order');
  change('gave-up');
  t.is(written.length, 3, 'another state');
});
