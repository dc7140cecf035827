import type { ExecutionContext } from 'ava';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import type { PeerSession } from '../../src/transport/network.ts';
import { Sessions, type SessionsOptions } from '../../src/transport/sessions.ts';
import { RecordingLogger } from './recording-logger.ts';
import { testIdentity } from './test-identity.ts';

export interface TestSessions {
  readonly sessions: Sessions;
  readonly logger: RecordingLogger;
  readonly options: SessionsOptions;
}

/** Started sessions on a free port of this machine, stopped after the test. */
export async function startSessions(
  t: ExecutionContext,
  changes: Partial<SessionsOptions> = {},
): Promise<TestSessions> {
  const logger = new RecordingLogger();
  const options: SessionsOptions = {
    ...{ identity: testIdentity(), name: () => 'taller', agent: 'test', port: 0, access: openAccess },
    ...{ clock: systemClock, random: systemRandom, logger },
    ...changes,
  };
  const sessions = new Sessions(options);
  await sessions.start();
  t.teardown(() => sessions.stop());
  return { sessions, logger, options };
}

/** Makes `from` dial `to`, by address alone unless `expecting`. */
export function introduce(from: TestSessions, to: TestSessions, expecting = true): void {
  const device = expecting ? to.options.identity.device : undefined;
  from.sessions.offer({ device, host: '127.0.0.1', port: to.sessions.localPort, origin: 'mdns' });
}

/** The session of `of` with `to`, when it is there. */
export async function sessionOf(of: TestSessions, to: TestSessions): Promise<PeerSession> {
  const { device } = to.options.identity;
  const session = of.sessions.session(device);
  if (session) return session;
  return new Promise((resolve) => {
    const remove = of.sessions.events.on('connected', (connected) => {
      if (connected.device !== device) return;
      remove();
      resolve(connected);
    });
  });
}

/** Resolves when `session` of `of` has ended, with the reason. */
export function endOf(of: TestSessions, session: PeerSession): Promise<string> {
  return new Promise((resolve) => {
    const remove = of.sessions.events.on('disconnected', (ended, reason) => {
      if (ended !== session) return;
      remove();
      resolve(reason);
    });
  });
}
