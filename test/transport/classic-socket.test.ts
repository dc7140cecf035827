import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
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

test('what comes after a request is thrown away, but not without end', async (t) => {
  for (const [bytes, isReset] of [
    [64 * 1024, false],
    [64 * 1024 + 1, true],
  ] as const) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    t.teardown(() => [server.close(), socket.destroy(), caller.destroy()]);
    const classic = new ClassicSocket(socket, new FakeClock());
    classic.discardInput();
    const error = once(caller, 'error').then(([reason]: unknown[]) => (reason as { code: string }).code);
    const end = once(caller, 'end').then(() => 'end');
    caller.resume();
    caller.write(Buffer.alloc(bytes));
    if (!isReset) {
      while (socket.bytesRead < bytes) await once(socket, 'data');
      await classic.write(Buffer.from('answer'));
      void classic.end();
    }
    t.is(await Promise.race([error, end]), isReset ? 'ECONNRESET' : 'end');
  }
});
