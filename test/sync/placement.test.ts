import test from 'ava';
import fc from 'fast-check';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { parseRelativePath, type RelativePath } from '../../src/model/relative-path.ts';
import { compareVersions, type VersionVector } from '../../src/model/version-vector.ts';
import { conflictName, numberedName, takenName } from '../../src/sync/names.ts';
import { decidePlacement, type Newcomer } from '../../src/sync/placement.ts';
import { compareContents } from '../../src/sync/precedence.ts';
import { anyEntry, someDevices } from '../support/arbitrary-entries.ts';
import { fileEntry, tombstone } from '../support/entries.ts';

const [us, them] = someDevices as [(typeof someDevices)[0], (typeof someDevices)[0]];
const x = parseRelativePath('x');
const nothing = () => undefined;

const v = (ours: number, theirs: number): VersionVector =>
  [
    { device: us, value: ours },
    { device: them, value: theirs },
  ]
    .filter(({ value }) => value > 0)
    .sort((a, b) => (a.device < b.device ? -1 : 1));

function newcomer(asked: Newcomer['asked'], content: FileEntry): Newcomer {
  return { asked, content, target: x, deviceName: 'Ana' };
}

const there = (entries: Record<string, FileEntry>) => (path: RelativePath) => entries[path];

test('a free name is taken', (t) => {
  const content = fileEntry('x', { version: v(0, 2) });
  for (const asked of ['person', 'fetch', 'mirror', 'sync'] as const) {
    for (const local of [undefined, tombstone('x', { version: v(0, 1) })]) {
      const placement = decidePlacement(us, local, newcomer(asked, content), nothing);
      t.deepEqual(placement, { action: 'place', version: content.version });
    }
  }
});

test('what was deleted meanwhile does not come back', (t) => {
  const deleted = tombstone('x', { version: v(2, 1) });
  const content = fileEntry('x', { version: v(0, 1) });
  for (const asked of ['fetch', 'sync'] as const) {
    t.deepEqual(decidePlacement(us, deleted, newcomer(asked, content), nothing), { action: 'keep' });
  }
  t.is(decidePlacement(us, deleted, newcomer('person', content), nothing).action, 'place');
});

test('what somebody else deleted and a person wants is a change of his', (t) => {
  const deleted = tombstone('x', { version: v(0, 2) });
  const content = fileEntry('x', { version: v(0, 1) });
  t.deepEqual(decidePlacement(us, deleted, newcomer('person', content), nothing), {
    action: 'place',
    version: v(3, 2),
  });
});

test('an older version goes to the trash', (t) => {
  const local = fileEntry('x', { version: v(0, 1), content: 'old' });
  const content = fileEntry('x', { version: v(0, 2), content: 'new' });
  for (const asked of ['person', 'fetch', 'mirror', 'sync'] as const) {
    const placement = decidePlacement(us, local, newcomer(asked, content), nothing);
    t.deepEqual(placement, { action: 'replace', version: content.version });
  }
});

test('an edit made meanwhile becomes a conflict copy', (t) => {
  const local = fileEntry('x', { version: v(2, 1), content: 'edited' });
  const content = fileEntry('x', { version: v(0, 3), content: 'new' });
  const copy = conflictName(x, local);
  for (const asked of ['fetch', 'mirror', 'sync'] as const) {
    const version = asked === 'sync' ? v(2, 3) : content.version;
    const placement = decidePlacement(us, local, newcomer(asked, content), nothing);
    t.deepEqual(placement, { action: 'set-aside', copy, version });
  }
});

test('a copy gets a number where its name is taken, and is not made twice', (t) => {
  const local = fileEntry('x', { version: v(2, 1), content: 'edited' });
  const content = fileEntry('x', { version: v(0, 3), content: 'new' });
  const copy = conflictName(x, local);
  const other = there({ [copy]: fileEntry('y', { content: 'other' }) });
  t.like(decidePlacement(us, local, newcomer('sync', content), other), { copy: numberedName(copy, 2) });
  const same = there({ [copy]: local });
  t.is(decidePlacement(us, local, newcomer('sync', content), same).action, 'replace');
});

test('sync: when ours takes precedence, the newcomer becomes the copy', (t) => {
  const local = fileEntry('x', { version: v(5, 1), content: 'edited' });
  const content = fileEntry('x', { version: v(0, 3), content: 'new' });
  t.deepEqual(decidePlacement(us, local, newcomer('sync', content), nothing), {
    action: 'beside',
    path: conflictName(x, content),
  });
});

test('another file by the same name stays, and the newcomer says where it is from', (t) => {
  const local = fileEntry('x', { version: v(1, 0), content: 'ours' });
  const content = fileEntry('x', { version: v(0, 3), content: 'theirs' });
  const path = takenName(x, 'Ana');
  for (const asked of ['person', 'fetch'] as const) {
    t.deepEqual(decidePlacement(us, local, newcomer(asked, content), nothing), { action: 'beside', path });
    const taken = there({ [path]: fileEntry('y', { content: 'other' }) });
    t.deepEqual(decidePlacement(us, local, newcomer(asked, content), taken), {
      action: 'beside',
      path: numberedName(path, 2),
    });
    const same = there({ [path]: content });
    t.deepEqual(decidePlacement(us, local, newcomer(asked, content), same), { action: 'elsewhere', path });
  }
});

test('a copy takes a name whose file was deleted', (t) => {
  const local = fileEntry('x', { version: v(2, 1), content: 'edited' });
  const content = fileEntry('x', { version: v(0, 3), content: 'new' });
  const copy = conflictName(x, local);
  const deleted = there({ [copy]: tombstone('y') });
  t.like(decidePlacement(us, local, newcomer('sync', content), deleted), { action: 'set-aside', copy });
});

test('what a person asks for and has already is not put anywhere: at most its version is new', (t) => {
  const content = fileEntry('x', { version: v(0, 3), content: 'same' });
  const placed = (version: VersionVector) =>
    decidePlacement(us, fileEntry('x', { version, content: 'same' }), newcomer('person', content), nothing);
  t.deepEqual(placed(v(0, 2)), { action: 'adopt', version: content.version });
  for (const version of [v(0, 3), v(1, 3), v(4, 0)]) t.deepEqual(placed(version), { action: 'keep' });
});

test('a folder never gives way to a file', (t) => {
  const folder = fileEntry('x', { type: 'directory', size: 0, version: v(0, 1) });
  const content = fileEntry('x', { version: v(0, 2) });
  for (const asked of ['fetch', 'mirror', 'sync'] as const) {
    t.is(decidePlacement(us, folder, newcomer(asked, content), nothing).action, 'keep');
  }
  t.is(decidePlacement(us, folder, newcomer('person', content), nothing).action, 'beside');
});

test('whoever asks: what is in place survives unless the newcomer has seen it', (t) => {
  const anyAsked = fc.constantFrom<Newcomer['asked']>('person', 'fetch', 'mirror', 'sync');
  fc.assert(
    fc.property(
      anyAsked,
      anyEntry,
      anyEntry.filter(({ deleted }) => !deleted),
      (asked, local, content) => {
        const { action } = decidePlacement(us, local, newcomer(asked, content), nothing);
        if (local.deleted) t.true(action === 'place' || action === 'keep');
        else {
          t.not(action, 'place');
          const isSeen = compareVersions(content.version, local.version) === 'newer';
          if (action === 'replace') t.true(isSeen || asked === 'mirror');
          if (action === 'adopt') t.is(compareContents(local, content), 'same');
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
