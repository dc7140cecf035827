import test from 'ava';
import { Download } from '../../src/transfer/download.ts';
import type { DownloadOrder } from '../../src/transfer/download.ts';
import { DownloadRegister } from '../../src/transfer/download-register.ts';
import { fileEntry } from '../support/entries.ts';

function order(path: string): DownloadOrder {
  const content = fileEntry(path);
  return {
    path,
    target: content.path,
    content,
    devices: [],
    classic: undefined,
    ruleId: undefined,
    mode: undefined,
    reason: 'person',
    priority: 0,
  };
}

/** A register with one download that has just been started. */
function running(path: string) {
  const register = new DownloadRegister();
  const download = new Download('one', order(path));
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
  register.reorder(download, order('file'));
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
  register.reorder(download, order('other'));
  download.apply('resumed');
  register.follow(download);
  t.deepEqual(register.at(target), []);
  t.deepEqual(register.at(download.order.target), [download]);
  t.is(register.active, 1);
});
