import test from 'ava';
import { SourcePace } from '../../src/transfer/source-pace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const BLOCK = 128 * KIB;

/** Asks for blocks of `bytes` for as long as that is allowed; returns how many. */
function fill(pace: SourcePace, bytes: number, ofSmallFiles: boolean): number {
  let count = 0;
  while (pace.mayAsk(bytes, ofSmallFiles)) {
    pace.asked(bytes, ofSmallFiles);
    count += 1;
  }
  return count;
}

/** A source that has answered at once, so that its window is as wide as it gets: 16 MiB. */
function fastSource(): SourcePace {
  const pace = new SourcePace();
  for (let one = 0; one < 200; one += 1) {
    pace.asked(BLOCK, false);
    pace.settled(BLOCK, false, 1);
  }
  return pace;
}

test('a small file finds room beside large ones, however wide the window is', (t) => {
  for (const pace of [new SourcePace(), fastSource()]) {
    t.true(fill(pace, BLOCK, false) > 0);
    t.is(fill(pace, 100 * KIB, true), 10);
    // And again, as they come.
    pace.settled(100 * KIB, true, 100);
    t.is(fill(pace, 100 * KIB, true), 1);
  }
});

test('small files without end do not shut out a large one that ranks higher', (t) => {
  for (const [size, block] of [
    [10 * KIB, BLOCK],
    [100, BLOCK],
    [100 * KIB, 16 * MIB],
  ] as const) {
    const pace = fastSource();
    const large = fill(pace, block, false);
    t.true(large > 0);
    fill(pace, size, true);
    // Of what comes the large one takes its part first, since it ranks higher.
    let again = 0;
    for (let one = 0; one < large; one += 1) {
      pace.settled(block, false, 100);
      again += fill(pace, block, false);
      pace.settled(size, true, 100);
      fill(pace, size, true);
    }
    t.true(again >= large * 0.8, `${again} of ${large} blocks, beside files of ${size}`);
  }
});

test('once there is no room nothing is asked before there is room for many', (t) => {
  const pace = fastSource();
  t.is(fill(pace, BLOCK, false), 128);
  for (let one = 0; one < 15; one += 1) pace.settled(BLOCK, false, 100);
  t.is(fill(pace, BLOCK, false), 0);
  pace.settled(BLOCK, false, 100);
  t.is(fill(pace, BLOCK, false), 16);
});

test('small files by themselves are asked for together, too', (t) => {
  const pace = fastSource();
  const asked = fill(pace, 100 * KIB, true);
  t.true(asked > 150);
  for (let one = 0; one < 20; one += 1) pace.settled(100 * KIB, true, 100);
  t.is(fill(pace, 100 * KIB, true), 0);
  pace.settled(100 * KIB, true, 100);
  t.is(fill(pace, 100 * KIB, true), 21);
});
