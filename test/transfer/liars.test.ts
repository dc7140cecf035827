import test from 'ava';
import { BlockMap } from '../../src/transfer/block-map.ts';
import { Interruption } from '../../src/transfer/interruption.ts';
import { Liars } from '../../src/transfer/liars.ts';
import { Pull } from '../../src/transfer/pull.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { MemoryLan } from '../support/memory-lan.ts';
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
function pullOf(path: string): Pull {
  const content = fileEntry(path);
  const devices = [liar, honest];
  const have = new BlockMap(1);
  const want = { content, have, devices, rank: 0, write: () => undefined, interruption: new Interruption() };
  const pull = new Pull(want, self);
  pull.setSources(devices.map((device) => ({ device, path: content.path, have: undefined })));
  return pull;
}

test('who has lied is no source for those it lied to, and is named once', (t) => {
  const { liars, session, logger } = connected();
  const [first, second, other] = [pullOf('first'), pullOf('second'), pullOf('other')];
  liars.denounce(session, [first, second]);
  liars.denounce(session, [second]);
  t.true(liars.has(liar));
  t.false(liars.has(honest));
  for (const pull of [first, second]) {
    t.false(pull.sources.get(liar)?.hopeful);
    t.true(pull.sources.get(honest)?.hopeful);
    t.like(pull.lastError, { code: 'HASH_MISMATCH', params: { path: pull.content.path, device: 'liar' } });
  }
  t.true(other.sources.get(liar)?.hopeful);
  t.deepEqual(logger.events, [
    { level: 'warn', event: 'peer.lied', fields: { device: liar, name: 'liar', path: first.content.path } },
  ]);
});

test('the next session begins without blame, even when the lie comes after it has begun', (t) => {
  const { lan, network, liars, session, logger } = connected();
  liars.denounce(session, [pullOf('file')]);
  lan.disconnect(self, liar);
  liars.forget(liar);
  t.false(liars.has(liar));
  lan.connect(self, liar);
  t.not(network.session(liar), session);
  const pull = pullOf('file');
  liars.denounce(session, [pull]);
  t.false(liars.has(liar));
  t.false(pull.sources.get(liar)?.hopeful);
  t.is(logger.of('peer.lied').length, 2);
});
