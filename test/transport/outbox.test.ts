import { Writable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { Outbox } from '../../src/transport/outbox.ts';

/** Takes one write at a time, when the test lets it. */
class Gate extends Writable {
  readonly written: Buffer[] = [];
  #done: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(Buffer.from(chunk));
    this.#done = done;
  }

  /** Lets the write under way be done; returns whether there was one. */
  async pass(): Promise<boolean> {
    const done = this.#done;
    this.#done = undefined;
    done?.();
    await new Promise((resolve) => setImmediate(resolve));
    return done !== undefined;
  }
}

const frame = fc.record({
  sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 600_000 })), {
    minLength: 1,
    maxLength: 3,
  }),
  isUrgent: fc.boolean(),
});

test('frames leave whole, in order among their kind, and each is reported once when it has left', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 12 }), fc.nat(12), async (frames, atOnce) => {
      const gate = new Gate({ highWaterMark: 1 });
      const outbox = new Outbox(gate);
      const sent: number[] = [];
      const push = (index: number) => {
        const { sizes, isUrgent } = frames[index]!;
        const pieces = sizes.map((size) => Buffer.alloc(size, index));
        outbox.push(pieces, isUrgent, () => sent.push(index));
      };
      let next = 0;
      while (next < Math.min(atOnce, frames.length)) push(next++);
      do if (next < frames.length) push(next++);
      while ((await gate.pass()) || next < frames.length);
      t.is(outbox.unsent, 0);
      await outbox.drained();
      const order = runs(Buffer.concat(gate.written));
      t.deepEqual(order, sent);
      for (const kind of [true, false]) {
        const indices = [...frames.keys()];
        const ofKind = indices.filter((index) => frames[index]!.isUrgent === kind);
        t.deepEqual(
          sent.filter((index) => frames[index]!.isUrgent === kind),
          ofKind,
        );
      }
      for (const chunk of gate.written) t.true(chunk.length <= 256 * 1024);
    }),
    { numRuns: 200 },
  );
});

/** The frames in the order in which their bytes came. */
function runs(bytes: Buffer): number[] {
  const order: number[] = [];
  for (const byte of bytes) if (order.at(-1) !== byte) order.push(byte);
  return order;
}

test('an urgent frame overtakes the bulky ones that wait, not the one under way', async (t) => {
  const gate = new Gate();
  const outbox = new Outbox(gate);
  outbox.push([Buffer.alloc(600_000, 1)], false);
  outbox.push([Buffer.alloc(600_000, 2)], false);
  outbox.push([Buffer.alloc(10, 3)], true);
  while (await gate.pass());
  t.deepEqual(runs(Buffer.concat(gate.written)), [1, 3, 2]);
});

test('ending sends what is urgent and forgets the rest', async (t) => {
  const gate = new Gate();
  const outbox = new Outbox(gate);
  outbox.push([Buffer.alloc(600_000, 1)], false);
  outbox.push([Buffer.alloc(600_000, 2)], false);
  outbox.push([Buffer.alloc(10, 3)], true);
  outbox.end();
  outbox.push([Buffer.alloc(10, 4)], true);
  while (await gate.pass());
  t.deepEqual(runs(Buffer.concat(gate.written)), [1, 3]);
  t.true(gate.writableFinished);
});

test('what is discarded is neither sent nor reported, and nobody waits for it', async (t) => {
  const gate = new Gate();
  const outbox = new Outbox(gate);
  outbox.push([Buffer.alloc(10, 1)], true, () => t.fail());
  outbox.push([Buffer.alloc(10, 2)], true, () => t.fail());
  const drained = outbox.drained();
  outbox.discard();
  await drained;
  gate.destroy();
  await gate.pass();
  t.is(gate.written.length, 1);
});
