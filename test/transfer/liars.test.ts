import test from 'ava';
import { Liars } from '../../src/transfer/liars.ts';
import { deviceNamed } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
import { pullOf } from '../support/pull-of.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const [self, liar, honest] = [deviceNamed('self'), deviceNamed('liar'), deviceNamed('honest')];

/** Connected to `liar`, of whom nothing is known. */
function connected() {
  const lan = new MemoryLan();
  const network = lan.join(self, 'self');
  lan.join(liar, 'liar');
  lan.connect(self, liar);
  const logger = new RecordingLogger();
  return { lan, network, logger, liars: new Liars(network, logger), session: network.session(liar)! };
}

/** A pull that can have its content from both. */
const fromBoth = (path: string) => pullOf(path, [liar, honest]);

test('who has lied is no source for those it lied to, and is named once', (t) => {
  const { liars, session, logger } = connected();
  const [first, second, other] = [fromBoth('first'), fromBoth('second'), fromBoth('other')];
  liars.denounce(session, [first, second]);
  liars.denounce(session, [second]);
  t.true(liars.has(liar));
  t.false(liars.has(honest));
  for (const pull of [first, second]) {
    t.false(pull.source(liar)?.hopeful);
    t.true(pull.source(honest)?.hopeful);
    t.like(pull.lastError, { code: 'HASH_MISMATCH', params: { path: pull.content.path, device: 'liar' } });
  }
  t.true(other.source(liar)?.hopeful);
  t.deepEqual(logger.events, [
    { level: 'warn', event: 'peer.lied', fields: { device: liar, name: 'liar', path: first.content.path } },
  ]);
});

test('the next session begins without blame, even when the lie comes after it has begun', (t) => {
  const { lan, network, liars, session, logger } = connected();
  liars.denounce(session, [fromBoth('file')]);
  lan.disconnect(self, liar);
  liars.forget(liar);
  t.false(liars.has(liar));
  lan.connect(self, liar);
  t.not(network.session(liar), session);
  const pull = fromBoth('file');
  liars.denounce(session, [pull]);
  t.false(liars.has(liar));
  t.false(pull.source(liar)?.hopeful);
  t.is(logger.of('peer.lied').length, 2);
});
