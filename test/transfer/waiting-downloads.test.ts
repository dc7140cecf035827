import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { Download } from '../../src/transfer/download.ts';
import { DownloadAttempts } from '../../src/transfer/download-attempts.ts';
import { DownloadIds } from '../../src/transfer/download-ids.ts';
import { DownloadLanes } from '../../src/transfer/download-lanes.ts';
import { DownloadRegister } from '../../src/transfer/download-register.ts';
import { orderFor } from '../support/download-order.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noLimits } from '../support/no-limits.ts';

const COUNT = 10_000;
const alice = deviceNamed('alice');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Queues so many files of `size` bytes behind others that never end; returns what each takes. */
async function bytesOfEach(size: number): Promise<number> {
  const clock = new FakeClock();
  const register = new DownloadRegister();
  const ids = new DownloadIds(systemRandom);
  const attempts = new DownloadAttempts({
    folder: '/shared',
    ...{ clock, random: systemRandom, logger: silentLogger, lanes: new DownloadLanes(noLimits) },
    run: () => new Promise(() => {}),
    discard: async () => undefined,
    diskRecovered: async () => false,
    changed: () => undefined,
  });
  const queue = (index: number, devices: readonly DeviceId[] = [alice]) => {
    const path = `folder/file number ${index}`;
    const content = fileEntry(path, { size, sequence: 1e15 + index });
    const download = new Download(ids.next(), orderFor(path, { content, devices }));
    register.add(download);
    attempts.enqueue(download);
  };
  for (let index = 0; index < 1000; index += 1) queue(index);
  await clock.advance(0);
  const before = memory();
  for (let index = 0; index < COUNT; index += 1) queue(1000 + index);
  const each = (memory() - before) / COUNT;
  return register.active === COUNT + 1000 ? each : NaN;
}

test('a file that waits for its turn takes less than a kilobyte', async (t) => {
  const each = await bytesOfEach(1000);
  t.true(each < 1000, `${each.toFixed(0)} bytes`);
});

test('and one that is large no more than three times that, with the hashes of its blocks', async (t) => {
  const each = await bytesOfEach(2 ** 21);
  t.true(each < 3000, `${each.toFixed(0)} bytes`);
});
