import { Socket } from 'node:net';
import test from 'ava';
import { ClassicSocket } from '../../src/transport/classic-socket.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A connection whose other end takes so many bytes in each second, and whose system keeps none for it. */
class SlowSocket extends Socket {
  readonly #clock: FakeClock;
  readonly #rate: number;
  taken = 0;

  constructor(clock: FakeClock, rate: number) {
    super();
    this.#clock = clock;
    this.#rate = rate;
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#clock.after((1000 * bytes.length) / this.#rate, () => {
      this.taken += bytes.length;
      done();
    });
  }
}

test('clause 7.9: who takes little, but takes, is not let go', async (t) => {
  const clock = new FakeClock();
  const socket = new SlowSocket(clock, 500);
  t.teardown(() => socket.destroy());
  let isDone = false;
  const done = new ClassicSocket(socket, clock).write(Buffer.alloc(300_000)).then(() => (isDone = true));
  await clock.advance(600_000);
  t.true(isDone);
  await done;
  t.is(socket.taken, 300_000);
  t.is(clock.pending, 0);
});
