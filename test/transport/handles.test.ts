import test from 'ava';
import { systemClock } from '../../src/core/system-clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { introduce, sessionOf, startSessions } from '../support/test-sessions.ts';
import { askFor, eachBlock, wanted } from '../support/wanted-block.ts';

/**
 * Sockets, servers and timers of this process, without those of the test runner. The tests run one after the other, so
 * that none counts what another has open.
 */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Pipe(Server)?Wrap/.test(name));
}

test.serial('stopping leaves no socket, no timer and no handle', async (t) => {
  const before = handles().length;
  const pending = new Set<object>();
  const clock: Clock = {
    ...systemClock,
    after: (ms, callback) => {
      const key = {};
      pending.add(key);
      const timer = systemClock.after(ms, () => {
        pending.delete(key);
        callback();
      });
      return {
        cancel: () => {
          pending.delete(key);
          timer.cancel();
        },
      };
    },
  };
  const [a, b] = [await startSessions(t, { clock }), await startSessions(t, { clock })];
  introduce(a, b);
  a.sessions.offer({ host: '192.0.2.1', port: 9, origin: 'static' });
  a.sessions.offer({ host: '127.0.0.1', port: 9, origin: 'static' });
  const [session] = await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  b.sessions.serveBlocks(eachBlock(async ({ length }) => new Uint8Array(length)));
  await askFor(session, wanted(5));
  await Promise.all([a.sessions.stop(), b.sessions.stop()]);
  await Promise.all([a.sessions.stop(), b.sessions.stop()]);
  t.is(pending.size, 0);
  // A handle that is closed is there until the event loop has come round.
  for (let turn = 0; turn < 100 && handles().length > before; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is(handles().length, before, handles().join());
});

test.serial('what was stopped can be started again', async (t) => {
  const [a, b] = [await startSessions(t), await startSessions(t)];
  await a.sessions.stop();
  await a.sessions.start();
  introduce(b, a);
  await Promise.all([sessionOf(a, b), sessionOf(b, a)]);
  t.pass();
});
