import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/core/system-clock.ts';
import type { DeviceId } from '../../src/model/device-id.ts';
import { Connection, type Introduction } from '../../src/transport/connection.ts';
import { Connections } from '../../src/transport/connections.ts';
import { Listener } from '../../src/transport/listener.ts';
import { secureContextOf, type SecureSocket } from '../../src/transport/secure-socket.ts';
import type { Hello } from '../../src/wire/messages/message.ts';
import { duplexPair } from '../support/duplex-pair.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { testIdentity } from '../support/test-identity.ts';

const introduction: Introduction = { instance: 'theirs', name: 'n', agent: 'a', port: 1 };

function connections(name = () => 'taller') {
  const logger = new RecordingLogger();
  const subject = new Connections({
    ...{ context: secureContextOf(testIdentity()), clock: systemClock, logger },
    introduction: () => ({ name: name(), agent: 'test', port: 6000 }),
  });
  return { subject, logger };
}

/** A device that accepts whatever connection is opened to it, and keeps why it ended. */
async function accepting(t: ExecutionContext) {
  const identity = testIdentity();
  const hellos: Hello[] = [];
  let tell: (reason: string) => void = () => {};
  const closed = new Promise<string>((resolve) => (tell = resolve));
  const listener = new Listener({
    ...{ port: 0, context: secureContextOf(identity), clock: systemClock, logger: new RecordingLogger() },
    onNative: (secure) => {
      const connection = new Connection(secure, introduction, systemClock);
      connection.events.on('closed', tell);
      connection.events.on('hello', (hello) => {
        hellos.push(hello);
        connection.accept();
      });
      connection.start();
    },
  });
  await listener.start();
  t.teardown(() => listener.stop());
  const peer = { device: identity.device, host: '127.0.0.1', port: listener.port, instance: 'theirs' };
  return { peer, hellos, closed };
}

/** One end of a connection of ours with the local address `localAddress`. */
function secureSocket(localAddress: string): SecureSocket {
  const [socket, other] = duplexPair();
  other.on('error', () => {}).resume();
  return {
    ...{ socket, device: 'A' as DeviceId, address: '192.0.2.9', port: 1, localAddress, dialled: true },
    receive: (listener) => void socket.on('data', listener),
  };
}

test('a data connection is there when the hellos are exchanged', async (t) => {
  const { subject } = connections();
  const { peer, hellos, closed } = await accepting(t);
  const connection = await subject.openData(peer, () => true, new AbortController().signal);
  t.is(connection.peer?.instance, 'theirs');
  t.like(hellos[0], { role: 'data', name: 'taller' });
  await subject.close();
  t.is(await closed, 'goodbye.stopping');
});

for (const [what, instance, isCurrent] of [
  ['that has been restarted', 'former', true],
  ['with whom the session has ended meanwhile', 'theirs', false],
] as const) {
  test(`a data connection to a device ${what} is given up`, async (t) => {
    const { subject, logger } = connections();
    const { peer, closed } = await accepting(t);
    const opening = subject.openData({ ...peer, instance }, () => isCurrent, new AbortController().signal);
    await t.throwsAsync(opening, { message: /^CONNECTION_CLOSED.*session-over/ });
    t.is(await closed, 'goodbye.duplicate');
    t.is(logger.of('connection.closed')[0]?.fields['reason'], 'own.duplicate');
    await subject.close();
  });
}

test('PROTOCOL.md 5.6: all connections say the same instance, and the name that we have now', async (t) => {
  const names = ['before', 'after'];
  const { subject } = connections(() => names.shift()!);
  const { peer, hellos } = await accepting(t);
  for (let count = 0; count < 2; count += 1) {
    await subject.openData(peer, () => true, new AbortController().signal);
  }
  t.deepEqual(
    hellos.map(({ name }) => name),
    ['before', 'after'],
  );
  t.is(hellos[0]?.instance, hellos[1]!.instance);
  t.not(hellos[0]?.instance, '');
  await subject.close();
});

test('a change of the network ends what went over an address that is gone', async (t) => {
  const { subject } = connections();
  const ends: string[] = [];
  const [gone, kept] = ['192.0.2.1', '192.0.2.2'].map((address) => {
    const connection = subject.over(secureSocket(address), 'control');
    connection.events.on('closed', (reason) => ends.push(`${address} ${reason}`));
    connection.start();
    return connection;
  });
  subject.networkChanged(['192.0.2.2']);
  t.deepEqual(ends, ['192.0.2.1 address-gone']);
  t.true(gone!.isClosed);
  t.false(kept!.isClosed);
  await subject.close();
});

test('closing ends those that are not started, too, and waits for all sockets', async (t) => {
  const { subject } = connections();
  const sockets = ['192.0.2.1', '192.0.2.2'].map(secureSocket);
  subject.over(sockets[0]!, 'control').start();
  subject.over(sockets[1]!);
  await subject.close();
  t.true(sockets.every(({ socket }) => socket.closed));
});
