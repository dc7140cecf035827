import fc from 'fast-check';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { VersionVector } from '../../src/model/version-vector.ts';
import { deviceNamed, fileEntry, tombstone } from './entries.ts';

/** Three devices. */
export const someDevices = ['one', 'two', 'three'].map(deviceNamed);

/** Versions of few devices and low counters, so that all orderings occur. */
export const anyVersion: fc.Arbitrary<VersionVector> = fc
  .uniqueArray(
    fc.record({ device: fc.constantFrom(...someDevices), value: fc.integer({ min: 1, max: 4 }) }),
    {
      selector: ({ device }) => device,
      minLength: 1,
    },
  )
  .map((counters) => counters.sort((a, b) => (a.device < b.device ? -1 : 1)));

/** Entries of the path `x`: few contents, all types, tombstones. */
export const anyEntry: fc.Arbitrary<FileEntry> = fc
  .record({
    version: anyVersion,
    kind: fc.constantFrom('file', 'file', 'file', 'directory', 'symlink', 'deleted', 'withdrawn'),
    content: fc.constantFrom('red', 'blue'),
    mtimeUs: fc.constantFrom(1_000_000, 2_000_000),
    executable: fc.boolean(),
  })
  .map(({ kind, content, ...fields }) => {
    switch (kind) {
      case 'file':
        return fileEntry('x', { ...fields, content });
      case 'deleted':
        return tombstone('x', fields);
      case 'withdrawn':
        return tombstone('x', { ...fields, version: [] });
      case 'directory':
        return fileEntry('x', { ...fields, type: kind, size: 0, blocks: new Uint8Array(), hash: undefined });
      default:
        return fileEntry('x', {
          ...fields,
          type: 'symlink',
          size: 0,
          target: content,
          blocks: new Uint8Array(),
          hash: undefined,
        });
    }
  });
