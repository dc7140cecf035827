import test from 'ava';
import { Download } from '../../src/transfer/download.ts';
import { DownloadRegister } from '../../src/transfer/download-register.ts';
import { orderFor } from '../support/download-order.ts';

/** A register with one download that has just been started. */
function running(path: string) {
  const register = new DownloadRegister();
  const download = new Download('one', orderFor(path));
  register.add(download);
  download.apply('started');
  register.follow(download);
  return { register, download, target: download.order.target };
}

test('one that is under way or has failed is found by its target and by its path', (t) => {
  const { register, download, target } = running('file');
  t.deepEqual(register.at(target), [download]);
  t.deepEqual(register.from('file'), [download]);
  download.apply('gave-up');
  register.follow(download);
  t.deepEqual(register.at(target), [download]);
});

test('one that is cancelled while its order changes is found no more', (t) => {
  const { register, download, target } = running('file');
  download.apply('cancelled');
  register.follow(download);
  register.reorder(download, orderFor('file'));
  t.deepEqual(register.at(target), []);
  t.deepEqual(register.from('file'), []);
  t.deepEqual(register.all(), [download]);
});

test('one that has failed and is cancelled then is found no more', (t) => {
  const { register, download, target } = running('file');
  download.apply('gave-up');
  register.follow(download);
  download.apply('cancelled');
  register.follow(download);
  t.deepEqual(register.at(target), []);
  t.deepEqual(register.from('file'), []);
});

test('one that has failed and gets another chance is found by its new order', (t) => {
  const { register, download, target } = running('file');
  download.apply('gave-up');
  register.follow(download);
  register.reorder(download, orderFor('other'));
  download.apply('resumed');
  register.follow(download);
  t.deepEqual(register.at(target), []);
  t.deepEqual(register.at(download.order.target), [download]);
  t.is(register.active, 1);
});

test('one that was forgotten stays so, though its attempt ends only then', (t) => {
  const { register, download } = running('file');
  const end = (each: Download) => {
    each.apply('cancelled');
    return register.follow(each);
  };
  t.is(end(download), undefined);
  const others = Array.from({ length: 501 }, (_, at) => new Download(String(at), orderFor(String(at))));
  for (const other of others) register.add(other);
  const forgotten = others.slice(0, 500).map(end);
  t.deepEqual(forgotten.filter(Boolean), [download]);
  t.is(register.follow(download), undefined);
  t.is(end(others[500]!), others[0]);
  t.is(register.active, 0);
  t.is(register.all().length, 500);
});
