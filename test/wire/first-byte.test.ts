import test from 'ava';
import { callerKind } from '../../src/wire/first-byte.ts';
import { negotiateVersion } from '../../src/wire/negotiation.ts';

test('clause 2.1: the first byte tells who calls', (t) => {
  const classic = new Set([...'BDL'].map((letter) => letter.charCodeAt(0)));
  for (let byte = 0; byte < 256; byte += 1) {
    const expected = byte === 0x16 ? 'native' : classic.has(byte) ? 'classic' : 'unknown';
    t.is(callerKind(byte), expected);
  }
});

test('clause 5.4: a connection has the highest version that both speak', (t) => {
  const table: readonly [ours: [number, number], theirs: [number, number], version: number | undefined][] = [
    [[1, 1], [1, 1], 1],
    [[1, 3], [2, 5], 3],
    [[2, 5], [1, 3], 3],
    [[1, 2], [3, 4], undefined],
    [[3, 4], [1, 2], undefined],
  ];
  for (const [ours, theirs, version] of table) {
    const range = ([lowest, highest]: [number, number]) => ({ lowest, highest });
    t.is(negotiateVersion(range(ours), range(theirs)), version);
  }
});
