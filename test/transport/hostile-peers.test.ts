import test from 'ava';
import fc from 'fast-check';
import { encodeMessage } from '../../src/wire/codec.ts';
import { arbitraryMessage } from '../support/arbitrary-messages.ts';
import { hello, RawPeer } from '../support/raw-peer.ts';
import { testIdentity } from '../support/test-identity.ts';
import { introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, eachBlock, wanted } from '../support/wanted-block.ts';

const bytesOf = (...messages: Parameters<typeof encodeMessage>[0][]) =>
  Buffer.concat(messages.flatMap(encodeMessage));

test('whatever a device sends after the handshake, others are served as before', async (t) => {
  const a = await startSessions(t);
  const friend = await startSessions(t);
  introduce(friend, a);
  const session = await sessionOf(friend, a);
  a.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  const mutated = fc.tuple(arbitraryMessage, fc.nat(), fc.nat(255)).map(([message, at, byte]) => {
    const bytes = bytesOf(message);
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  const piece = fc.oneof(
    mutated,
    arbitraryMessage.map((message) => bytesOf(message)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
  const opening = fc.constantFrom(bytesOf(hello()), bytesOf(hello({ role: 'data' })), Buffer.alloc(0));
  const identities = Array.from({ length: 8 }, () => testIdentity());
  let run = 0;
  await fc.assert(
    fc.asyncProperty(opening, fc.array(piece, { maxLength: 4 }), async (start, pieces) => {
      const peer = await RawPeer.dial(t, a.sessions.localPort, identities[run++ % identities.length]);
      peer.sayBytes(Buffer.concat([start, ...pieces]));
      peer.secure.socket.end();
      await peer.closed;
    }),
    { numRuns: 400 },
  );
  t.deepEqual(a.logger.of('connection.failed'), []);
  t.is((await askFor(session, wanted(5))).length, 5);
  t.truthy(a.sessions.session(friend.options.identity.device));
});

test('a device that lies about what is expected of it is not connected to', async (t) => {
  const [a, b, c] = [await startSessions(t), await startSessions(t), await startSessions(t)];
  const { device } = c.options.identity;
  const failed = new Promise<void>((resolve) => {
    const debug = a.logger.debug.bind(a.logger);
    a.logger.debug = (event, fields) => {
      debug(event, fields);
      if (event === 'dial.failed') resolve();
    };
  });
  a.sessions.offer({ device, host: '127.0.0.1', port: b.sessions.localPort, origin: 'mdns' });
  await failed;
  t.deepEqual(a.sessions.sessions(), []);
  t.is(a.logger.of('dial.failed')[0]?.fields['reason'], 'other-device');
});

test('a peer that does not keep to the protocol is told so and logged without its bytes', async (t) => {
  const a = await startSessions(t);
  const peer = await RawPeer.meet(t, a.sessions.localPort);
  peer.sayBytes(Buffer.from([0, 0, 0, 9, 0x11, ...Buffer.from('SECRETXX')]));
  t.deepEqual(await peer.hear('goodbye'), { type: 'goodbye', reason: 'protocol-error' });
  const [logged] = a.logger.of('connection.invalid');
  t.is(logged?.level, 'warn');
  t.false(JSON.stringify(a.logger.events).includes('SECRET'));
});
