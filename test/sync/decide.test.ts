import test from 'ava';
import fc from 'fast-check';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { VersionVector } from '../../src/model/version-vector.ts';
import { decide, type Question } from '../../src/sync/decide.ts';
import { conflictName, numberedName, takenName } from '../../src/sync/names.ts';
import type { RuleMode } from '../../src/sync/settle.ts';
import { anyEntry, someDevices } from '../support/arbitrary-entries.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';

const [us, ana, ben] = ['us', 'ana', 'ben'].map(deviceNamed) as [DeviceId, DeviceId, DeviceId];
const x = parseRelativePath('x.txt');

function version(...counters: [DeviceId, number][]): VersionVector {
  return counters
    .map(([device, value]) => ({ device, value }))
    .sort((a, b) => (a.device < b.device ? -1 : 1));
}

const file = (content: string, ...counters: [DeviceId, number][]) =>
  fileEntry('x.txt', { content, version: version(...counters) });
const gone = (...counters: [DeviceId, number][]) => tombstone('x.txt', { version: version(...counters) });

function ask(
  mode: RuleMode,
  ours: FileEntry | undefined,
  claims: readonly [DeviceId, FileEntry][],
  rest: { offline?: DeviceId[]; others?: Record<string, FileEntry> } = {},
) {
  const question: Question = {
    mode,
    self: us,
    target: x,
    claims: claims.map(([device, entry]) => ({ device, entry })),
    at: (path) => (path === x ? ours : rest.others?.[path]),
    isOnline: (device) => !rest.offline?.includes(device),
    nameOf: (device) => (device === ana ? 'Ana' : 'Ben'),
  };
  return decide(question);
}

test('the newest is taken, from all who have it', (t) => {
  const newest = file('c', [ana, 3]);
  const claims: [DeviceId, FileEntry][] = [
    [ana, newest],
    [ben, newest],
    [us, file('b', [ana, 2])],
  ];
  for (const mode of ['fetch', 'mirror', 'sync'] as const) {
    const decision = ask(mode, file('a', [ana, 1]), claims);
    t.like(decision, { type: 'fetch', entry: newest, target: x });
    t.deepEqual(decision.type === 'fetch' && decision.sources, [ana, ben]);
  }
});

test('nothing is asked of those who are not there, but what they deleted counts', (t) => {
  const claims: [DeviceId, FileEntry][] = [
    [ana, file('a', [ana, 1])],
    [ben, gone([ana, 1], [ben, 2])],
  ];
  t.like(ask('fetch', undefined, claims, { offline: [ana] }), { type: 'none', why: 'nobody-has-it' });
  t.like(ask('sync', undefined, claims, { offline: [ben] }), { type: 'none' });
  t.like(ask('sync', file('a', [ana, 1]), claims, { offline: [ben] }), { type: 'delete', from: ben });
});

test('fetch: where nobody who is here has it, what others have says why', (t) => {
  const ours = file('a', [ana, 1]);
  const why = (...claims: [DeviceId, FileEntry][]) => {
    const decision = ask('fetch', ours, claims, { offline: [ben] });
    return decision.type === 'none' ? decision.why : decision.type;
  };
  t.is(why([ana, gone([ana, 2])]), 'deleted-there');
  t.is(why([ben, ours]), 'same');
  t.is(why([ana, gone([ana, 2])], [ben, file('b', [ana, 3])]), 'nobody-has-it');
  t.like(ask('fetch', undefined, [[ana, gone([ana, 2])]]), { type: 'none', why: 'same' });
});

test('fetch: a folder waits while a file of ours has its name', (t) => {
  const folder = fileEntry('x.txt', { type: 'directory', version: version([ana, 1]) });
  t.like(ask('fetch', file('a', [us, 1]), [[ana, folder]]), { type: 'none', why: 'file-in-the-way' });
});

test('an older version is better than none while the newest is away; a mirror waits', (t) => {
  const claims: [DeviceId, FileEntry][] = [
    [ana, file('b', [ana, 2])],
    [ben, file('a', [ana, 1])],
  ];
  t.like(ask('sync', undefined, claims, { offline: [ana] }), { type: 'fetch', sources: [ben] });
  t.like(ask('mirror', undefined, claims, { offline: [ana] }), { type: 'none', why: 'nobody-has-it' });
});

test('fetch: different files of one name are all taken, under names of their own', (t) => {
  const claims: [DeviceId, FileEntry][] = [
    [ana, file('a', [ana, 2])],
    [ben, file('b', [ben, 1])],
  ];
  t.like(ask('fetch', undefined, claims), { type: 'fetch', target: x, sources: [ana] });
  const besides = takenName(x, 'Ben');
  t.like(ask('fetch', file('a', [ana, 2]), claims), { type: 'fetch', target: besides, sources: [ben] });
  const others = { [besides]: { ...file('b', [ben, 1]), path: besides } };
  t.like(ask('fetch', file('a', [ana, 2]), claims, { others }), { type: 'none', why: 'same' });
});

test('fetch: a name with a number is taken where others bear the first ones, until there are too many', (t) => {
  const claims: [DeviceId, FileEntry][] = [[ben, file('b', [ben, 1])]];
  const besides = takenName(x, 'Ben');
  const names = [besides, ...[2, 3, 4, 5, 6, 7, 8, 9].map((number) => numberedName(besides, number))];
  const ask9 = (taken: number, entry: (path: string) => FileEntry) => {
    const others = Object.fromEntries(names.slice(0, taken).map((path) => [path, entry(path)]));
    return ask('fetch', file('a', [us, 2]), claims, { others });
  };
  const another = (path: string) => fileEntry(path, { content: 'another', version: version([us, 3]) });
  const folder = (path: string) =>
    fileEntry(path, { type: 'directory', size: 0, version: version([ben, 0.5]) });
  for (const taken of [another, folder]) {
    for (let count = 0; count < names.length; count += 1) {
      t.like(ask9(count, taken), { type: 'fetch', target: names[count], replaces: undefined });
    }
    t.like(ask9(names.length, taken), { type: 'none', why: 'no-name-left' });
  }
});

test('fetch: what is beside already, made by somebody else, is taken for theirs', (t) => {
  const theirs = file('b', [ben, 1]);
  const besides = takenName(x, 'Ben');
  const here = { ...file('b', [us, 3]), path: besides };
  const ours = file('a', [us, 2]);
  const others = { [besides]: here };
  t.like(ask('fetch', ours, [[ben, theirs]], { others }), { type: 'adopt', ours: here, from: ben });
});

test('a folder of ours does not make way for a file, whoever wants it', (t) => {
  const folder = fileEntry('x.txt', { type: 'directory', size: 0, version: version([us, 1]) });
  const decision = ask('mirror', folder, [[ana, file('a', [ana, 2])]]);
  t.like(decision, { type: 'none', why: 'folder-in-the-way' });
});

test('where something was deleted nothing is replaced', (t) => {
  const claims: [DeviceId, FileEntry][] = [[ana, file('b', [ana, 3])]];
  t.like(ask('fetch', gone([ana, 2]), claims), { type: 'fetch', replaces: undefined });
});

test('what we edited is replaced where a copy of it is kept already', (t) => {
  const ours = file('ours', [ana, 1], [us, 2]);
  const claims: [DeviceId, FileEntry][] = [[ana, file('theirs', [ana, 3])]];
  const copy = conflictName(x, ours);
  t.like(ask('mirror', ours, claims), { type: 'conflict', copy });
  const others = { [copy]: { ...ours, path: copy } };
  t.like(ask('mirror', ours, claims, { others }), { type: 'fetch', replaces: ours });
});

test('fetch: two who have the same content are followed without going to and fro', (t) => {
  const claims: [DeviceId, FileEntry][] = [
    [ana, file('same', [ana, 1])],
    [ben, file('same', [ben, 2])],
  ];
  const first = ask('fetch', file('same', [us, 3]), claims);
  t.is(first.type, 'adopt');
  t.is(ask('fetch', first.type === 'adopt' ? first.entry : undefined, claims).type, 'none');
});

test('fetch: where ours is what one of them has, what another has is kept beside it', (t) => {
  // The clocks are so alike that nobody can say who changed it last.
  const ours = file('b', [us, 2]);
  const theirs = file('a', [us, 1], [ben, 1]);
  t.like(ask('fetch', ours, [[ben, theirs]]), { type: 'conflict', target: x });
  const claims: [DeviceId, FileEntry][] = [
    [ana, ours],
    [ben, theirs],
  ];
  t.like(ask('fetch', ours, claims), { type: 'fetch', target: takenName(x, 'Ben'), replaces: undefined });
});

test('sync: of two edits the later keeps the place, on both sides, and the copy has one name', (t) => {
  const ours = file('ours', [us, 5]);
  const theirs = file('theirs', [ana, 7]);
  t.like(ask('sync', ours, [[ana, theirs]]), { type: 'conflict', target: x, copy: conflictName(x, ours) });
  const copy = conflictName(x, ours);
  t.like(ask('sync', theirs, [[ana, ours]]), { type: 'conflict', target: copy, copy });
});

test('sync: when the copy is here, ours has seen theirs', (t) => {
  const ours = file('ours', [us, 9]);
  const theirs = file('theirs', [ana, 7]);
  const copy = conflictName(x, theirs);
  t.like(ask('sync', ours, [[ana, theirs]], { others: { [copy]: { ...theirs, path: copy } } }), {
    type: 'adopt',
    entry: { ...ours, version: version([us, 9], [ana, 7]) },
  });
});

test('sync: of two contents with one version ours keeps the place, and nothing is done again and again', (t) => {
  const contents = ['one', 'other'].map((content) => file(content, [ana, 7]));
  const decisions = contents.map((ours, index) => {
    const theirs = contents[1 - index]!;
    const copy = conflictName(x, theirs);
    return ask('sync', ours, [[ana, theirs]], { others: { [copy]: { ...theirs, path: copy } } });
  });
  t.deepEqual(decisions.map(({ type }) => type).sort(), ['conflict', 'none']);
});

test('a time or a mode that has changed is taken over without a byte', (t) => {
  const ours = file('a', [ana, 1]);
  const theirs = { ...file('a', [ana, 2]), mtimeUs: 5, executable: true };
  t.like(ask('fetch', ours, [[ana, theirs]]), { type: 'adopt', entry: { ...ours, ...theirs } });
});

test('what is asked of a rule is answered, and carried out it is not asked again', (t) => {
  const anyMode = fc.constantFrom<RuleMode>('fetch', 'mirror', 'sync');
  fc.assert(
    fc.property(
      anyMode,
      fc.option(anyEntry, { nil: undefined }),
      fc.array(anyEntry, { maxLength: 3 }),
      fc.boolean(),
      (mode, ours, entries, areCopiesHere) => {
        const claims = entries.map((entry, index) => ({ device: someDevices[index]!, entry }));
        const copyAt = (path: string) => {
          const entry = areCopiesHere
            ? entries.find((one) => conflictName(parseRelativePath('x'), one) === path)
            : undefined;
          return entry && { ...entry, path: parseRelativePath(path) };
        };
        const question: Question = {
          mode,
          self: someDevices[0]!,
          target: parseRelativePath('x'),
          claims,
          at: (path) => (path === 'x' ? ours : copyAt(path)),
          isOnline: () => true,
          nameOf: (device) => device,
        };
        const decision = decide(question);
        if (decision.type === 'adopt' || decision.type === 'delete') {
          const after = decision.type === 'adopt' ? decision.entry : decision.tombstone;
          const again = decide({ ...question, at: (path) => (path === 'x' ? after : copyAt(path)) });
          if (again.type === 'adopt') t.notDeepEqual(again.entry.version, after.version);
          t.not(again.type, 'delete');
        }
        if (decision.type === 'fetch' || decision.type === 'conflict') t.true(decision.sources.length > 0);
      },
    ),
    { numRuns: 5000 },
  );
});
