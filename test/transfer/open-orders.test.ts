import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { Download } from '../../src/transfer/download.ts';
import type { DownloadOrder } from '../../src/transfer/download-order.ts';
import { DownloadAttempts } from '../../src/transfer/download-attempts.ts';
import { DownloadLanes } from '../../src/transfer/download-lanes.ts';
import { DownloadRegister } from '../../src/transfer/download-register.ts';
import { OpenOrders } from '../../src/transfer/open-orders.ts';
import { orderFor } from '../support/download-order.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noLimits } from '../support/no-limits.ts';

const [alice, carol] = [deviceNamed('alice'), deviceNamed('carol')];

/** The file as `alice` has it, and as she has it after the next change. */
const content = fileEntry('file');
const newer = {
  ...fileEntry('file', { content: 'newer' }),
  version: incrementVersion(content.version, alice, 1),
};
/** Of a file of two blocks she has hashed the first one only. */
const whole = fileEntry('file', { size: 200_000 });
const partly: FileEntry = { ...whole, blocks: whole.blocks.subarray(0, 32), hash: undefined };

/** One download, of which attempts do not end by themselves; `attempts` has what each of them was to bring. */
function ordered(changes: Partial<DownloadOrder> = {}) {
  const register = new DownloadRegister();
  const clock = new FakeClock();
  const attempts: (FileEntry | undefined)[] = [];
  let fail: (error: Error) => void = () => {};
  const told = new Set<Download>();
  const changed = (download: Download) => void told.add(download);
  const turns = new DownloadAttempts({
    folder: '/shared',
    ...{ clock, random: systemRandom, logger: silentLogger, lanes: new DownloadLanes(noLimits), changed },
    run: ({ order }, interruption) => {
      attempts.push(order.content);
      return new Promise((_, reject) => {
        fail = reject;
        interruption.on(() => reject(interruption.reason!));
      });
    },
    discard: async () => undefined,
    diskRecovered: async () => false,
  });
  const subject = new OpenOrders(register, turns, { changed });
  const download = new Download('one', orderFor('file', { content, devices: [alice], ...changes }));
  register.add(download);
  const end = async (error: CompartidosError) => {
    fail(error);
    await clock.advance(0);
    register.follow(download);
  };
  const start = async () => {
    turns.enqueue(download);
    await clock.advance(0);
  };
  return { subject, register, download, attempts, told, clock, start, end };
}

test('the same order joins: all the devices, the higher priority, and a person is more urgent than a rule', (t) => {
  const { subject, download, told } = ordered({ reason: 'rule', priority: 3 });
  t.is(subject.join(orderFor('file', { content, devices: [alice, carol], priority: 1 })), download);
  t.like(download.order, { reason: 'person', priority: 3 });
  t.deepEqual(download.order.devices, [alice, carol]);
  t.true(told.has(download));
  t.is(subject.join(orderFor('file', { content, reason: 'rule', priority: 7 })), download);
  t.like(download.order, { reason: 'person', priority: 7 });
});

test('an order for something else, or for another place, does not', (t) => {
  const { subject } = ordered();
  t.is(subject.join(orderFor('other')), undefined);
  t.is(subject.join(orderFor('file', { target: fileEntry('elsewhere').path })), undefined);
  t.is(subject.join(orderFor('file', { content: fileEntry('file', { version: [] }) })), undefined);
});

test('what its source has hashed meanwhile is taken over', (t) => {
  const { subject, download } = ordered({ content: partly });
  t.is(subject.join(orderFor('file', { content: whole })), download);
  t.deepEqual(download.order.content, whole);
});

test('a newer version takes the place of one that is under way', async (t) => {
  const { subject, download, attempts, clock, start } = ordered({ reason: 'rule' });
  await start();
  download.attempts = 3;
  t.is(subject.join(orderFor('file', { content: newer, reason: 'rule', mode: 'mirror' })), download);
  await clock.advance(0);
  t.deepEqual(attempts, [content, newer]);
  t.like(download, { state: 'connecting', attempts: 0, error: undefined });
  t.like(download.order, { reason: 'rule', mode: 'mirror' });
});

test('whoever orders the newer version, it is for a person if one of them is', (t) => {
  for (const [first, second] of [
    ['rule', 'person'],
    ['person', 'rule'],
  ] as const) {
    const { subject, download } = ordered({ reason: first });
    t.is(subject.join(orderFor('file', { content: newer, reason: second })), download);
    t.like(download.order, { reason: 'person', content: newer });
  }
});

test('of what has failed for good a rule does not begin again, a person does', async (t) => {
  const { subject, download, attempts, clock, start, end } = ordered();
  await start();
  await end(new CompartidosError('NAME_UNSUPPORTED'));
  t.is(download.state, 'failed');
  t.is(subject.join(orderFor('file', { content, reason: 'rule' })), download);
  t.is(download.state, 'failed');
  t.is(subject.join(orderFor('file', { content })), download);
  await clock.advance(0);
  t.is(attempts.length, 2);
  t.like(download, { state: 'connecting', error: undefined });
});

for (const [reason, device, expected] of [
  ['person', alice, newer],
  ['person', carol, content],
  ['rule', alice, content],
] as const) {
  const who = device === alice ? 'its source' : 'somebody else';
  const follows = expected === newer ? 'follows' : 'does not follow';
  test(`a download for a ${reason} ${follows} what ${who} announces`, async (t) => {
    const { subject, download, attempts, clock, start } = ordered({ reason });
    await start();
    subject.announced(device, [newer]);
    await clock.advance(0);
    t.deepEqual(download.order.content, expected);
    t.deepEqual(attempts.at(-1), expected);
  });
}

test('a tombstone or a folder of the name is nothing to follow', (t) => {
  const { subject, download } = ordered();
  subject.announced(alice, [{ ...newer, deleted: true }]);
  subject.announced(alice, [{ ...newer, type: 'directory' }]);
  t.deepEqual(download.order.content, content);
});

test('what is announced with more of its hashes is taken over between attempts only', async (t) => {
  const { subject, download, start, end } = ordered({ content: partly, reason: 'rule' });
  await start();
  subject.announced(alice, [whole]);
  t.deepEqual(download.order.content, partly);
  await end(new CompartidosError('NO_SOURCE'));
  t.is(download.state, 'queued');
  subject.announced(alice, [whole]);
  t.deepEqual(download.order.content, whole);
});

test('what waits for somebody who has it is tried again when anybody announces it', async (t) => {
  const { subject, download, attempts, clock, start, end } = ordered();
  await start();
  await end(new CompartidosError('NO_SOURCE'));
  subject.announced(carol, [fileEntry('other')]);
  await clock.advance(0);
  t.is(download.state, 'queued');
  subject.announced(carol, [content]);
  await clock.advance(0);
  t.is(download.state, 'connecting');
  t.is(attempts.length, 2);
});

for (const [what, wanted] of [
  ['the same', content],
  ['a newer version', newer],
] as const) {
  test(`what was given up while it was put in place goes on when ${what} is ordered then`, async (t) => {
    const { subject, download, attempts, start, end, clock } = ordered({ reason: 'rule' });
    await start();
    download.apply('completed');
    download.isGivenUp = true;
    t.is(subject.join(orderFor('file', { content: wanted, devices: [alice], reason: 'rule' })), download);
    await end(new CompartidosError('SOURCE_CHANGED'));
    await clock.advance(1000);
    t.deepEqual(attempts, [content, wanted]);
    t.is(download.state, 'connecting');
  });
}
