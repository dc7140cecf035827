import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { syncKey } from '../../src/sync/sync-key.ts';
import { OwnSyncRules } from '../../src/transfer/own-sync-rules.ts';
import { fileEntry, tombstone } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLocalIndex } from '../support/fake-local-index.ts';
import { ruleSettings } from '../support/rule-settings.ts';
import { testDatabase } from '../support/test-database.ts';
import { MemoryDocuments } from '../support/transfer-peer.ts';

const docs = ruleSettings({ mode: 'sync', match: ['docs/**'] });
const music = ruleSettings({ mode: 'sync', match: ['**/*.ogg'], into: 'music' });

interface Lab {
  readonly index: FakeLocalIndex;
  readonly documents: MemoryDocuments;
  readonly clock: FakeClock;
}

function lab(): Lab {
  const index = new FakeLocalIndex(testDatabase());
  index.put(...['docs/a', 'docs/b', 'c', 'music/x/y.ogg', 'y.ogg'].map((path) => tombstone(path)));
  index.put(fileEntry('docs/here'));
  return { index, documents: new MemoryDocuments(), clock: new FakeClock() };
}

async function run(t: ExecutionContext, { index, documents, clock }: Lab, ...rules: RuleSettings[]) {
  let isReady = true;
  let changes = 0;
  const subject = new OwnSyncRules({
    ...{ index, documents, clock, rules },
    isReady: () => isReady,
    ownEntries: () => index.after(0, Infinity),
  });
  subject.events.on('changed', () => (changes += 1));
  t.teardown(() => subject.stop());
  return {
    subject,
    told: () => subject.told().map(({ key, since }) => [Buffer.from(key).toString('hex'), since]),
    changes: () => changes,
    setReady: (ready: boolean) => {
      isReady = ready;
      if (ready) index.events.emit('ready');
    },
  };
}

const keyOf = (rule: RuleSettings) => Buffer.from(syncKey(rule)!).toString('hex');

/** Paths whose deletion counts. */
const deleted = ({ index }: Lab) =>
  index
    .after(0, Infinity)
    .filter((entry) => entry.deleted && entry.version.length > 0)
    .map(({ path }) => String(path))
    .sort();

test('a rule that comes later disowns what was deleted before, and says from when on deletions count', async (t) => {
  const parts = lab();
  const { subject, told, changes } = await run(t, parts);
  await subject.start();
  t.deepEqual(told(), []);
  subject.configure([docs, music]);
  t.deepEqual(told(), [], 'not before the deletions are disowned');
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['c', 'y.ogg']);
  t.false(parts.index.get(parseRelativePath('docs/here'))!.deleted);
  const { sequence } = parts.index;
  t.deepEqual(told(), [
    [keyOf(docs), sequence],
    [keyOf(music), sequence],
  ]);
  t.true(changes() > 0);
});

test('a rule is the same after a restart, and new when it was gone meanwhile', async (t) => {
  const parts = lab();
  const first = await run(t, parts);
  await first.subject.start();
  first.subject.configure([docs]);
  await parts.clock.advance(0);
  const before = first.told();
  await first.subject.stop();
  parts.index.put(tombstone('docs/here'));
  const second = await run(t, parts, docs);
  await second.subject.start();
  await parts.clock.advance(0);
  t.deepEqual(second.told(), before);
  t.true(deleted(parts).includes('docs/here'));
  second.subject.configure([]);
  t.deepEqual(second.told(), []);
  second.subject.configure([docs]);
  await parts.clock.advance(0);
  t.deepEqual(second.told(), [[keyOf(docs), parts.index.sequence]]);
  t.false(deleted(parts).includes('docs/here'));
});

test('a rule that was added while nothing ran waits until it is known what was deleted meanwhile', async (t) => {
  const parts = lab();
  const first = await run(t, parts);
  await first.subject.start();
  await first.subject.stop();
  const { subject, told, setReady } = await run(t, parts, docs);
  setReady(false);
  await subject.start();
  parts.index.put(tombstone('docs/here'));
  await parts.clock.advance(0);
  t.deepEqual(told(), []);
  setReady(true);
  await parts.clock.advance(0);
  t.deepEqual(told(), [[keyOf(docs), parts.index.sequence]]);
  t.deepEqual(deleted(parts), ['c', 'music/x/y.ogg', 'y.ogg']);
});

test('the rules that an index begins with, or an earlier release had, have always been there', async (t) => {
  const parts = lab();
  const { subject, told } = await run(t, parts, docs);
  await subject.start();
  await parts.clock.advance(0);
  t.deepEqual(told(), [[keyOf(docs), 0]]);
  t.true(deleted(parts).includes('docs/a'));
});

test('a rule that goes while it is taken up is not told', async (t) => {
  const parts = lab();
  parts.index.put(...Array.from({ length: 2000 }, (_, number) => tombstone(`docs/${number}`)));
  const { subject, told } = await run(t, parts);
  await subject.start();
  subject.configure([docs]);
  subject.configure([music]);
  await parts.clock.advance(0);
  await parts.clock.advance(0);
  t.deepEqual(
    told().map(([key]) => key),
    [keyOf(music)],
  );
  await subject.stop();
  t.is(parts.clock.pending, 0);
});
