import test from 'ava';
import { CompartidosError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Urgency } from '../../src/transfer/download-order.ts';
import { Download } from '../../src/transfer/download.ts';
import { DownloadAttempts } from '../../src/transfer/download-attempts.ts';
import { DownloadLanes } from '../../src/transfer/download-lanes.ts';
import { orderFor } from '../support/download-order.ts';
import { fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noLimits } from '../support/no-limits.ts';

/** Two places for large files; `begun` says who has had one, and `end` ends what has. */
function twoPlaces() {
  const clock = new FakeClock();
  const limits = { downloads: 2, downloadsPerPeer: 2 };
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const subject = new DownloadAttempts({
    folder: '/shared',
    ...{ clock, random: systemRandom, logger: silentLogger, lanes: new DownloadLanes(limits) },
    run: ({ id, order }) => {
      begun.push(id);
      return new Promise((resolve) => ends.set(id, () => resolve(order.target)));
    },
    discard: async () => undefined,
    diskRecovered: async () => false,
    changed: () => undefined,
  });
  const queue = (id: string, changes: Partial<Urgency> = {}) => {
    const order = orderFor(id, { content: fileEntry(id, { size: 2 ** 21 }), ...changes });
    const download = new Download(id, order);
    subject.enqueue(download);
    return download;
  };
  const end = async (id: string) => {
    ends.get(id)!();
    await clock.advance(0);
  };
  return { subject, clock, begun, queue, end };
}

test('what a rule has queued and a person asks for takes one place only', async (t) => {
  const { subject, clock, begun, queue, end } = twoPlaces();
  queue('one');
  queue('two');
  const download = queue('of-rule', { reason: 'rule' });
  queue('last', { reason: 'rule', priority: -5 });
  download.order = { ...download.order, reason: 'person' };
  subject.enqueue(download);
  await clock.advance(0);
  await end('one');
  await end('two');
  t.deepEqual(begun, ['one', 'two', 'of-rule', 'last']);
});

test('what the disk has ended, however often, leaves the network its attempts', async (t) => {
  const clock = new FakeClock();
  const errors = Array.from({ length: 12 }, () => new CompartidosError('DISK_FULL'));
  errors.push(new CompartidosError('CONNECTION_FAILED'));
  const subject = new DownloadAttempts({
    folder: '/shared',
    ...{ clock, random: systemRandom, logger: silentLogger, lanes: new DownloadLanes(noLimits) },
    run: (download) => {
      const error = errors.shift();
      if (error) return Promise.reject(error);
      download.apply('completed');
      return Promise.resolve(download.order.target);
    },
    discard: async () => undefined,
    diskRecovered: async () => true,
    changed: () => undefined,
  });
  const download = new Download('one', orderFor('one'));
  subject.enqueue(download);
  await clock.advance(120_000);
  t.is(download.state, 'done');
});

test('of very many for which there is no source each is looked for more seldom', async (t) => {
  const clock = new FakeClock();
  let attempts = 0;
  const subject = new DownloadAttempts({
    folder: '/shared',
    ...{ clock, random: systemRandom, logger: silentLogger, lanes: new DownloadLanes(noLimits) },
    run: () => {
      attempts += 1;
      return Promise.reject(new CompartidosError('NO_SOURCE'));
    },
    discard: async () => undefined,
    diskRecovered: async () => true,
    changed: () => undefined,
  });
  const names = Array.from({ length: 12_000 }, (_, at) => `file ${at}`);
  for (const name of names) subject.enqueue(new Download(name, orderFor(name)));
  await clock.advance(60_000);
  // Who came first, when not so many waited, is looked for first.
  t.true(attempts >= 12_000 && attempts <= 12_000 + 2 * 6000, `${attempts} attempts`);
  await clock.advance(120_000);
  t.true(attempts >= 24_000, 'all have been looked for again');
});
