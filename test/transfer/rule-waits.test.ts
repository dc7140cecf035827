import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { RuleWaits } from '../../src/transfer/rule-waits.ts';
import { FakeClock } from '../support/fake-clock.ts';

const folder = parseRelativePath('folder');
const path = parseRelativePath('path');

function setUp() {
  const clock = new FakeClock();
  const again: string[] = [];
  const waits = new RuleWaits(clock, (one) => again.push(one));
  waits.start();
  return { clock, again, waits };
}

test('a folder that is not empty is looked at again later each time, up to an hour, and when something in it goes', async (t) => {
  const { clock, again, waits } = setUp();
  for (const seconds of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
    waits.waitForEmpty(folder, path);
    t.true(waits.isFull(folder));
    await clock.advance(seconds * 1000 - 1);
    t.deepEqual(again, []);
    await clock.advance(1);
    t.deepEqual(again.splice(0), [path]);
  }
  waits.waitForEmpty(folder, path);
  waits.letPass(folder);
  t.deepEqual(again, [path]);
});

test('a folder that has gone is not looked at any more', async (t) => {
  const { clock, again, waits } = setUp();
  for (let time = 0; time < 5; time += 1) {
    waits.waitForEmpty(folder, path);
    waits.over(folder);
  }
  t.is(clock.pending, 0);
  t.false(waits.isFull(folder));
  await clock.advance(3_600_000);
  t.deepEqual(again, []);
});

test('what has failed is looked at again after 30 s, and nothing after the end', async (t) => {
  const { clock, again, waits } = setUp();
  waits.failed(path);
  await clock.advance(30_000);
  t.deepEqual(again.splice(0), [path]);
  waits.failed(path);
  waits.waitForEmpty(folder, path);
  waits.stop();
  waits.failed(path);
  waits.waitForEmpty(folder, path);
  t.is(clock.pending, 0);
});
