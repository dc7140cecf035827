import type { ExecutionContext } from 'ava';
import { hello, RawPeer } from './raw-peer.ts';
import { testIdentity } from './test-identity.ts';
import type { TestSessions } from './test-sessions.ts';

/** A peer with a control connection to `to` that listens on `port`, and a data connection of its own. */
export async function rawSession(t: ExecutionContext, to: TestSessions, port = 1) {
  const identity = testIdentity();
  const control = await RawPeer.meet(t, to.sessions.localPort, identity, { port });
  const session = to.sessions.session(identity.device)!;
  const openData = async () => {
    const data = await RawPeer.dial(t, to.sessions.localPort, identity);
    data.say(hello({ role: 'data' }));
    await data.hear('hello');
    return data;
  };
  return { control, session, openData, identity };
}
