import test from 'ava';
import { select } from '../../src/agent/selection.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';

test('a file that we have is asked for only when ours is corrupt', (t) => {
  const peer = deviceNamed('peer');
  const entry = fileEntry('file');
  const catalogue = new MemoryCatalogue();
  catalogue.announce(peer, 'peer', [entry]);
  const { path, size, mtimeUs, hash } = entry;
  catalogue.find = () => [{ path, size, mtimeUs, hash, local: true, holders: [] }];
  const selected = (corrupt?: FileEntry) => select(catalogue, { path: 'file' }, undefined, () => corrupt);
  const found = (content: FileEntry) => ({ selected: [{ content, devices: [peer] }], local: [] });
  t.deepEqual(selected(), { selected: [], local: ['file'] });
  const [change] = entry.version;
  const newer = { ...entry, mtimeUs: 5, version: [{ ...change!, value: change!.value + 1 }] };
  const older = { ...entry, mtimeUs: 5, version: [] };
  const other = fileEntry('file', { content: 'other', version: newer.version });
  t.deepEqual(selected(entry), found(entry));
  t.deepEqual(selected(newer), found(newer), 'it gets the time that ours had');
  t.deepEqual(selected(older), found(entry));
  t.deepEqual(selected(other), found(entry), 'another content is not ours');
  catalogue.at = () => [];
  const waiting = { selected: [{ content: entry, devices: [] }], local: [] };
  t.deepEqual(selected(entry), waiting, 'nobody has it now');
  const nothing = { selected: [], local: [] };
  t.deepEqual(
    select(catalogue, { path: 'file' }, peer, () => entry),
    nothing,
    'nor has the peer that is asked',
  );
});
