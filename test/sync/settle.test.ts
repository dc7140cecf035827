import test from 'ava';
import fc from 'fast-check';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { compareVersions, lastChange, type VersionVector } from '../../src/model/version-vector.ts';
import { compareContents } from '../../src/sync/precedence.ts';
import { settle, type RuleMode, type Settlement } from '../../src/sync/settle.ts';
import { anyEntry, someDevices } from '../support/arbitrary-entries.ts';
import { fileEntry, tombstone } from '../support/entries.ts';

const [us, them, third] = someDevices as [
  (typeof someDevices)[0],
  (typeof someDevices)[0],
  (typeof someDevices)[0],
];

function version(counters: { us?: number; them?: number; third?: number }): VersionVector {
  return [
    { device: us, value: counters.us ?? 0 },
    { device: them, value: counters.them ?? 0 },
    { device: third, value: counters.third ?? 0 },
  ]
    .filter(({ value }) => value > 0)
    .sort((a, b) => (a.device < b.device ? -1 : 1));
}

const file = (content: string, counters: Parameters<typeof version>[0]) =>
  fileEntry('x', { content, version: version(counters) });
const gone = (counters: Parameters<typeof version>[0]) => tombstone('x', { version: version(counters) });

type Row = [what: string, ours: FileEntry | undefined, theirs: FileEntry, expected: Record<RuleMode, string>];

const alike = (word: string) => ({ fetch: word, mirror: word, sync: word });

const rows: Row[] = [
  ['new there', undefined, file('a', { them: 1 }), alike('take')],
  ['newer there', file('a', { them: 1 }), file('b', { them: 2 }), alike('take')],
  ['newer there, same content', file('a', { them: 1 }), file('a', { them: 2 }), alike('adopt theirs')],
  ['the same', file('a', { them: 1 }), file('a', { them: 1 }), alike('same')],
  [
    'one version with two times, later here',
    { ...file('a', { them: 1 }), mtimeUs: 2 },
    { ...file('a', { them: 1 }), mtimeUs: 1 },
    { fetch: 'same', mirror: 'adopt theirs', sync: 'adopt' },
  ],
  [
    'one version with two modes, executable there',
    file('a', { them: 1 }),
    { ...file('a', { them: 1 }), executable: true },
    { fetch: 'same', mirror: 'adopt theirs', sync: 'adopt theirs' },
  ],
  [
    'edited here',
    file('b', { them: 1, us: 2 }),
    file('a', { them: 1 }),
    { fetch: 'ours-is-newer', mirror: 'take, keep ours', sync: 'ours-is-newer' },
  ],
  [
    'edited by a third, whose version we have',
    file('b', { them: 1, third: 2 }),
    file('a', { them: 1 }),
    alike('ours-is-newer'),
  ],
  [
    'edited on both sides, there later',
    file('b', { them: 1, us: 2 }),
    file('c', { them: 3 }),
    alike('take, keep ours'),
  ],
  [
    'edited on both sides, here later',
    file('b', { them: 1, us: 4 }),
    file('c', { them: 3 }),
    { fetch: 'take, keep ours', mirror: 'take, keep ours', sync: 'copy' },
  ],
  [
    'a file of ours by the same name, theirs later',
    file('a', { us: 1 }),
    file('b', { them: 2 }),
    { fetch: 'beside', mirror: 'take, keep ours', sync: 'take, keep ours' },
  ],
  [
    'a file of ours by the same name, ours later',
    file('a', { us: 2 }),
    file('b', { them: 1 }),
    { fetch: 'beside', mirror: 'take, keep ours', sync: 'copy' },
  ],
  [
    'two devices have different ones, we have one of them',
    file('a', { third: 1 }),
    file('b', { them: 2 }),
    { fetch: 'beside', mirror: 'take', sync: 'take, keep ours' },
  ],
  [
    'edited by them and by a third, whose edit we have',
    file('b', { them: 1, third: 2 }),
    file('c', { them: 3 }),
    { fetch: 'beside', mirror: 'take', sync: 'take, keep ours' },
  ],
  [
    'the same content, made independently, theirs later',
    file('a', { us: 1 }),
    file('a', { them: 2 }),
    { fetch: 'adopt theirs', mirror: 'adopt theirs', sync: 'adopt theirs' },
  ],
  [
    'the same content, made independently, ours later',
    file('a', { us: 2 }),
    file('a', { them: 1 }),
    { fetch: 'adopt theirs', mirror: 'adopt theirs', sync: 'adopt' },
  ],
  [
    'deleted there',
    file('a', { them: 1 }),
    gone({ them: 2 }),
    { fetch: 'deleted-there', mirror: 'delete', sync: 'delete' },
  ],
  [
    'deleted there as we deleted it before it was asked for again',
    file('a', { them: 1 }),
    gone({ them: 1, us: 2 }),
    { fetch: 'deleted-there', mirror: 'deleted-there', sync: 'adopt' },
  ],
  ['deleted there, edited here', file('b', { them: 1, us: 2 }), gone({ them: 3 }), alike('deleted-there')],
  ['deleted there, never theirs', file('b', { us: 2 }), gone({ them: 3 }), alike('deleted-there')],
  ['deleted there, never here', undefined, gone({ them: 2 }), alike('same')],
  [
    'deleted here',
    gone({ them: 1, us: 2 }),
    file('a', { them: 1 }),
    { fetch: 'deleted-here', mirror: 'take', sync: 'deleted-here' },
  ],
  ['deleted here, edited there', gone({ them: 1, us: 3 }), file('a', { them: 2 }), alike('take')],
  ['one version, deleted here', gone({ them: 1, us: 2 }), file('a', { them: 1, us: 2 }), alike('take')],
  [
    'one version, deleted there',
    file('a', { them: 1, us: 2 }),
    gone({ them: 1, us: 2 }),
    alike('deleted-there'),
  ],
  ['deleted on both sides', gone({ them: 1, us: 3 }), gone({ them: 2 }), alike('same')],
  [
    'edited on both sides, still being hashed',
    { ...file('b', { them: 1, us: 2 }), hash: undefined, blocks: new Uint8Array() },
    file('c', { them: 3 }),
    alike('being-hashed'),
  ],
  [
    'newer there, still being hashed',
    file('b', { them: 1 }),
    { ...file('c', { them: 3 }), hash: undefined, blocks: new Uint8Array() },
    alike('take'),
  ],
];

function word(settlement: Settlement): string {
  switch (settlement.result) {
    case 'nothing':
      return settlement.why;
    case 'take':
      return settlement.keepOurs ? 'take, keep ours' : 'take';
    case 'adopt':
      return settlement.theirs ? 'adopt theirs' : 'adopt';
    case 'copy':
    case 'beside':
    case 'delete':
      return settlement.result;
  }
}

for (const [what, ours, theirs, expected] of rows) {
  for (const mode of ['fetch', 'mirror', 'sync'] as const) {
    test(`${mode}: ${what}`, (t) => {
      t.is(word(settle(mode, us, ours, theirs)), expected[mode]);
    });
  }
}

/** What is in place after `settlement`, and what is kept beside it. */
function after(ours: FileEntry, theirs: FileEntry, settlement: Settlement) {
  switch (settlement.result) {
    case 'take':
      return {
        place: { ...theirs, version: settlement.version },
        copy: settlement.keepOurs ? ours : undefined,
      };
    case 'adopt': {
      const { version, theirs: isTheirs } = settlement;
      return { place: { ...(isTheirs ? theirs : ours), version }, copy: undefined };
    }
    case 'copy':
      return { place: { ...ours, version: settlement.version }, copy: theirs };
    case 'delete':
      return { place: theirs, copy: undefined };
    case 'beside':
    case 'nothing':
      return { place: ours, copy: undefined };
  }
}

const [deviceA, deviceB] = [us, them];

/** Versions name contents: equal ones come with one content only. */
const honestPair = fc
  .tuple(anyEntry, anyEntry)
  .map(([a, b]) =>
    compareVersions(a.version, b.version) === 'equal' ? ([a, a] as const) : ([a, b] as const),
  );

/** Whether `device` has again what it has deleted. */
function hasAgain(device: typeof deviceA, ours: FileEntry, theirs: FileEntry): boolean {
  const isItsOwn = lastChange(theirs.version)?.device === device;
  const isNewer = compareVersions(theirs.version, ours.version) === 'newer';
  return !ours.deleted && theirs.deleted && isItsOwn && isNewer;
}

test('sync: two devices that hear of each other come to the same, and agree on the copy', (t) => {
  fc.assert(
    fc.property(honestPair, ([a, b]) => {
      const atA = after(a, b, settle('sync', deviceA, a, b));
      const atB = after(b, a, settle('sync', deviceB, b, a));
      if (hasAgain(deviceA, a, b) || hasAgain(deviceB, b, a)) {
        const [back, away, at] = a.deleted ? [atB, atA, deviceA] : [atA, atB, deviceB];
        t.like(settle('sync', at, away.place, back.place), { result: 'take', keepOurs: false });
        return;
      }
      t.is(atA.place.deleted, atB.place.deleted);
      if (atA.place.deleted) return;
      // Who has seen less hears of the other once more.
      const again = settle('sync', deviceA, atA.place, atB.place);
      const final = after(atA.place, atB.place, again).place;
      t.is(compareContents(final, atB.place), 'same');
      t.is(again.result === 'nothing' || again.result === 'take' || again.result === 'adopt', true);
      t.is(compareVersions(atA.place.version, atB.place.version), 'equal');
      t.is(atA.place.mtimeUs, atB.place.mtimeUs);
      t.is(atA.copy?.hash, atB.copy?.hash);
    }),
    { numRuns: 5000 },
  );
});

test('no mode loses a content that the other version has not seen', (t) => {
  fc.assert(
    fc.property(fc.constantFrom<RuleMode>('fetch', 'mirror', 'sync'), honestPair, (mode, [ours, theirs]) => {
      const settlement = settle(mode, deviceA, ours, theirs);
      if (ours.deleted) return;
      const isSeen = compareVersions(theirs.version, ours.version) === 'newer';
      if (settlement.result === 'delete') t.true(isSeen);
      else if (settlement.result === 'take' && !settlement.keepOurs && !isSeen) {
        // A mirror puts back what its sources have, but never over a change made here.
        t.is(mode, 'mirror');
        t.not(ours.version.reduce((last, one) => (one.value >= last.value ? one : last)).device, deviceA);
      } else t.pass();
    }),
    { numRuns: 5000 },
  );
});
