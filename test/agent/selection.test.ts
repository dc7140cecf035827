import test from 'ava';
import { select } from '../../src/agent/selection.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';

test('a file that we have is asked for only when ours is corrupt', (t) => {
  const peer = deviceNamed('peer');
  const entry = fileEntry('file');
  const catalogue = new MemoryCatalogue();
  catalogue.announce(peer, 'peer', [entry]);
  const { path, size, mtimeUs, hash } = entry;
  catalogue.find = () => [{ path, size, mtimeUs, hash, local: true, holders: [] }];
  const selected = (isCorrupt?: () => boolean) => select(catalogue, { path: 'file' }, undefined, isCorrupt);
  t.deepEqual(selected(), { selected: [], local: ['file'] });
  t.deepEqual(
    selected(() => true),
    { selected: [{ content: entry, devices: [peer] }], local: [] },
  );
  catalogue.at = () => [];
  t.deepEqual(
    selected(() => true),
    { selected: [], local: [] },
    'nobody has it',
  );
});
