import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { LimitSettings } from '../../src/config/settings.ts';
import { blockBuffers } from '../../src/core/buffer-pool.ts';
import { CompartidosError } from '../../src/core/errors.ts';
import type { BlockReader, WantedPart } from '../../src/transfer/block-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { MemoryPuller } from '../support/memory-puller.ts';
import { TransferPeer } from '../support/transfer-peer.ts';

const MIB = 1024 * 1024;
/** How long who asks hears nothing before he gives the connection up. ms. */
const PATIENCE_MS = 15_000;

/** Files in memory, by the end of their paths: reading takes no time that the clock does not know of. */
class MemoryReader implements BlockReader {
  readonly files = new Map<string, Buffer>();

  async read(length: number, parts: readonly WantedPart[]) {
    const bytes = blockBuffers.take(length, parts.length);
    for (const { path, offset, length: wanted, at } of parts) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      bytes.set(this.files.get(name)!.subarray(offset, offset + wanted), at);
    }
    return { bytes, results: parts.map(() => 'read' as const) };
  }

  closeAll(): void {}
}

/** A source with `files`, given by their sizes, and those who want them; each hears of it within 15 s or hangs up. */
async function lab(
  t: ExecutionContext,
  files: Readonly<Record<string, number>>,
  { up, down, names = ['bob'] }: { up?: number; down?: number | undefined; names?: readonly string[] },
) {
  const clock = new FakeClock();
  const lan = new MemoryLan();
  const reader = new MemoryReader();
  const source = await TransferPeer.start(t, lan, 'source', { clock, reader, limits: limitTo({ up }) });
  for (const [name, size] of Object.entries(files)) {
    const bytes = randomBytes(size);
    reader.files.set(name, bytes);
    await source.write(name, bytes);
  }
  const entries = new Map(source.index.after(0, Infinity).map((entry) => [entry.path as string, entry]));
  source.network.tampering = (_, answer) => {
    const hangUp = clock.sleep(PATIENCE_MS).then(() => {
      throw new CompartidosError('REQUEST_TIMED_OUT');
    });
    return Promise.race([answer(), hangUp]);
  };
  const pullers = await Promise.all(
    names.map((name) => MemoryPuller.start(t, lan, name, clock, limitTo({ down }))),
  );
  lan.connectAll();
  for (const { catalogue } of pullers) catalogue.announce(source.device, 'source', [...entries.values()]);
  const get = (by: number, name: string) => pullers[by]!.pull(source, entries.get(name)!);
  return { clock, source, get };
}

function limitTo(limits: { up?: number | undefined; down?: number | undefined }): Partial<LimitSettings> {
  return { up: limits.up, down: limits.down };
}

test('a download that its own limit holds up for long is not given up', async (t) => {
  const { clock, get } = await lab(t, { file: 2 * MIB }, { down: 2000 });
  const file = get(0, 'file');
  await clock.advance(1_200_000);
  t.is(file.outcome, 'done');
});

for (const [what, up, seconds] of [
  ['a window takes longer than anybody waits', 50_000, 180],
  ['a single block takes longer than anybody waits', 2000, 4300],
] as const) {
  test(`below a limit at which ${what}, all is sent, and a small file to somebody else meanwhile`, async (t) => {
    const limits = { up, names: ['bob', 'carol'] };
    const { clock, get } = await lab(t, { large: 8 * MIB, small: 6 }, limits);
    const large = get(0, 'large');
    await clock.advance(1000);
    const small = get(1, 'small');
    const before = large.have.count;
    while (small.outcome === undefined && clock.monotonic() < seconds * 1000) await clock.advance(250);
    t.is(small.outcome, 'done');
    t.true(large.have.count - before <= 8, `${large.have.count - before} blocks were sent before`);
    await clock.advance(seconds * 1000 - clock.monotonic());
    t.is(large.outcome, 'done');
  });
}

test('twenty who ask at once share a limit', async (t) => {
  const names = Array.from({ length: 20 }, (_, number) => `peer-${number}`);
  const { clock, get } = await lab(t, { file: 16 * MIB }, { up: 4 * MIB, names });
  const files = names.map((_, by) => get(by, 'file'));
  await clock.advance(60_000);
  const counts = files.map(({ have }) => have.count);
  // 24 is the fair share.
  t.true(Math.min(...counts) >= 18 && Math.max(...counts) <= 30, counts.join(' '));
  await clock.advance(25_000);
  for (const { outcome } of files) t.is(outcome, 'done');
});

/** What slows the blocks down: their source, or a limit of whoever asks. */
for (const [what, down] of [
  ['a slow source', undefined],
  ['a limit of our own', MIB],
] as const) {
  test(`with ${what}, a small file passes a large one, and two large ones come together`, async (t) => {
    const { clock, source, get } = await lab(t, { one: 30 * MIB, two: 20 * MIB, small: 10_000 }, { down });
    source.network.tampering = async (_, answer) => {
      await clock.sleep(1000);
      return answer();
    };
    const one = get(0, 'one');
    await clock.advance(500);
    const small = get(0, 'small');
    await clock.advance(1600);
    t.is(small.outcome, 'done');
    const two = get(0, 'two');
    await clock.advance(20_000);
    t.true(two.have.count > 0.4 * one.have.count, `${two.have.count} and ${one.have.count}`);
    await clock.advance(200_000);
    t.deepEqual([one.outcome, two.outcome], ['done', 'done']);
  });
}
