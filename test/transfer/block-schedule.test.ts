import test from 'ava';
import type { LimitSettings } from '../../src/config/settings.ts';
import { systemRandom } from '../../src/core/random.ts';
import { Bandwidth } from '../../src/transfer/bandwidth.ts';
import { BlockAsker } from '../../src/transfer/block-asker.ts';
import { BlockSchedule } from '../../src/transfer/block-schedule.ts';
import { Liars } from '../../src/transfer/liars.ts';
import { BLOCK } from '../support/block-size.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { noLimits } from '../support/no-limits.ts';
import { pullOf } from '../support/pull-of.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const self = deviceNamed('self');

/** A schedule that asks `names`, who never answer; `asked` says whom for what, in order. */
function schedule(names: readonly string[], limits: Partial<LimitSettings> = {}) {
  const lan = new MemoryLan();
  const network = lan.join(self, 'self');
  const asked: string[] = [];
  for (const name of names) {
    const peer = lan.join(deviceNamed(name), name);
    lan.connect(self, peer.device);
    peer.serveBlocks((_, wanted) => {
      asked.push(...wanted.map(({ path, offset }) => `${name}: ${path} ${offset / BLOCK}`));
      return new Promise(() => {});
    });
  }
  const clock = new FakeClock();
  const ignore = () => {};
  const liars = new Liars(network, new RecordingLogger());
  const asker = new BlockAsker(clock, liars, {
    ...{ onBlock: ignore, onFailed: ignore, onLie: ignore, onAnswered: ignore },
  });
  const bandwidth = new Bandwidth(clock, { ...noLimits, ...limits });
  const subject = new BlockSchedule({ network, asker, liars, bandwidth, clock, random: systemRandom });
  return { subject, network, clock, liars, asked };
}

/** A pull that each of `names` is a source for. */
const pullFrom = (names: readonly string[], path: string, size: number, rank: number) =>
  pullOf(path, names.map(deviceNamed), { size, rank });

test('a small file passes between the blocks of a large one', (t) => {
  const { subject, asked } = schedule(['a']);
  subject.add(pullFrom(['a'], 'large', 16 * MIB, 1));
  subject.fill();
  const before = asked.splice(0).length;
  t.true(before > 0 && before < 128, String(before));
  subject.add(pullFrom(['a'], 'small', KIB, 0));
  subject.fill();
  t.deepEqual(asked, ['a: small 0']);
});

test('those that begin in one turn are asked for in the order of rank, then of age', async (t) => {
  const { subject, asked } = schedule(['a']);
  for (const [path, rank] of [
    ['third', 1],
    ['first', 0],
    ['fourth', 1],
    ['second', 0],
  ] as const) {
    subject.add(pullFrom(['a'], path, KIB, rank));
    subject.fillSoon();
  }
  t.deepEqual(asked, []);
  await Promise.resolve();
  t.deepEqual(asked, ['a: first 0', 'a: second 0', 'a: third 0', 'a: fourth 0']);
});

test('what one source is slow with is asked of another, too', (t) => {
  const { subject, clock, asked } = schedule(['a', 'b']);
  const pull = pullFrom(['a', 'b'], 'file', KIB, 0);
  subject.add(pull);
  subject.fill();
  subject.fillAgain([pull]);
  t.deepEqual(asked.splice(0), ['a: file 0']);
  clock.skip(300);
  subject.fill();
  t.deepEqual(asked, []);
  subject.fillAgain([pull]);
  t.deepEqual(asked, ['b: file 0']);
});

test('a block that will not come is asked for again once its pull is open again', (t) => {
  const { subject, asked } = schedule(['a']);
  const pull = pullFrom(['a'], 'file', KIB, 0);
  subject.add(pull);
  subject.fill();
  pull.unanswered(0, deviceNamed('a'));
  subject.fill();
  t.is(asked.length, 1);
  subject.reopen(pull);
  subject.reopen(pull);
  subject.fill();
  t.deepEqual(asked, ['a: file 0', 'a: file 0']);
});

test('who has lied is asked nothing', (t) => {
  const { subject, network, liars, asked } = schedule(['a', 'b']);
  liars.denounce(network.session(deviceNamed('a'))!, [pullFrom(['a'], 'other', KIB, 0)]);
  subject.add(pullFrom(['a', 'b'], 'file', KIB, 0));
  subject.fill();
  t.deepEqual(asked, ['b: file 0']);
});

test('a limit is kept to, and when there is room again it goes on by itself', async (t) => {
  const { subject, clock, asked } = schedule(['a'], { down: BLOCK });
  const pull = pullFrom(['a'], 'file', 2 * BLOCK, 0);
  subject.add(pull);
  subject.fill();
  t.is(asked.length, 1);
  await clock.advance(500);
  t.is(asked.length, 1);
  await clock.advance(500);
  t.is(asked.length, 2);
});

test('stopping leaves no timer', (t) => {
  const { subject, clock } = schedule(['a'], { down: BLOCK });
  subject.add(pullFrom(['a'], 'file', MIB, 0));
  subject.fill();
  t.is(clock.pending, 1);
  subject.stop();
  t.is(clock.pending, 0);
});
