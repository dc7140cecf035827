import { Duplex } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { Emitter } from '../../src/core/emitter.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { Connection } from '../../src/transport/connection.ts';
import { ControlCalls } from '../../src/transport/control-calls.ts';
import type { NetworkEvents } from '../../src/transport/network.ts';
import { ReplyBudget } from '../../src/transport/reply-budget.ts';
import { Session } from '../../src/transport/session.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** One end of a stream whose bytes take `ms` to reach the other end. */
class SlowEnd extends Duplex {
  other: SlowEnd | undefined;
  readonly #clock: FakeClock;
  readonly #ms: number;

  constructor(clock: FakeClock, ms: number) {
    super({ allowHalfOpen: false });
    this.#clock = clock;
    this.#ms = ms;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#later((other) => other.push(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.#later((other) => other.push(null));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#later((other) => other.push(null));
    done(error);
  }

  #later(act: (other: SlowEnd) => void): void {
    this.#clock.after(this.#ms, () => {
      const { other } = this;
      if (other && !other.destroyed && !other.readableEnded) act(other);
    });
  }
}

/** What Sessions does with a device, without sockets. */
class Side {
  readonly calls: ControlCalls;
  session: Session | undefined;
  established = 0;
  readonly #device: DeviceId;
  readonly #clock: FakeClock;

  constructor(device: string, clock: FakeClock) {
    this.#device = device as DeviceId;
    this.#clock = clock;
    this.calls = new ControlCalls({
      ...{ own: this.#device, clock, sessionWith: () => this.session },
      establish: (connection) => this.#establish(connection),
    });
  }

  connection(socket: Duplex, peer: string, isCaller: boolean): Connection {
    return new Connection(
      {
        ...{
          socket,
          device: peer as DeviceId,
          address: '::1',
          port: 1,
          localAddress: '::1',
          dialled: isCaller,
        },
        receive: (listener) => void socket.on('data', listener),
      },
      { instance: `of ${this.#device}`.replace(' ', '-'), name: 'n', agent: 'a', port: 1 },
      this.#clock,
      isCaller ? 'control' : undefined,
    );
  }

  #establish(control: Connection): void {
    this.session?.close('duplicate');
    this.established += 1;
    const session: Session = new Session({
      ...{ control, clock: this.#clock, events: new Emitter<NetworkEvents>(), budget: new ReplyBudget(1) },
      openData: () => Promise.reject(new Error('none')),
      source: () => undefined,
      onEnded: () => {
        if (this.session === session) this.session = undefined;
      },
    });
    this.session = session;
  }
}

interface Call {
  readonly bySmaller: boolean;
  /** When the TLS handshake is done, ms. */
  readonly at: number;
  /** One way and the other, ms. */
  readonly latencies: readonly [number, number];
}

const arbitraryCall: fc.Arbitrary<Call> = fc.record({
  bySmaller: fc.boolean(),
  at: fc.integer({ min: 0, max: 400 }),
  latencies: fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 150 })),
});

/** Lets the calls happen and returns both sides when all is quiet, and the sockets of the sessions that they have. */
async function run(calls: readonly Call[]) {
  const clock = new FakeClock();
  const smaller = new Side('A', clock);
  const larger = new Side('B', clock);
  const pairs: (readonly [Duplex, Duplex])[] = [];
  for (const { bySmaller, at, latencies } of calls) {
    clock.after(at, () => {
      const [caller, called] = bySmaller ? [smaller, larger] : [larger, smaller];
      const [callerId, calledId] = bySmaller ? ['A', 'B'] : ['B', 'A'];
      if (!caller.calls.mayCall(calledId as DeviceId)) return;
      const near = new SlowEnd(clock, latencies[0]);
      const far = new SlowEnd(clock, latencies[1]);
      near.other = far;
      far.other = near;
      pairs.push([near, far]);
      const receiving = called.connection(far, callerId, false);
      receiving.events.once('hello', () => void called.calls.receive(receiving));
      receiving.start();
      caller.calls.call(caller.connection(near, calledId, true)).catch(() => {});
    });
  }
  await clock.advance(4_000);
  return { smaller, larger, pairs };
}

test('whoever calls whom, when and how slowly: one connection is left, the same for both', async (t) => {
  let together = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryCall, { minLength: 1, maxLength: 6 }), async (calls) => {
      const { smaller, larger, pairs } = await run(calls);
      t.truthy(smaller.session);
      t.truthy(larger.session);
      const [a, b] = [smaller.session!.control.secure.socket, larger.session!.control.secure.socket];
      t.true(pairs.some(([near, far]) => (near === a && far === b) || (near === b && far === a)));
      t.is(pairs.filter(([near, far]) => !near.destroyed && !far.destroyed).length, 1);
      if (smaller.established > 1 || larger.established > 1) together += 1;
    }),
    { numRuns: 1_000 },
  );
  t.log(`${together} of 1000 saw more than one session`);
});
