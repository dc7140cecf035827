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
import { MemoryDocuments } from '../support/memory-documents.ts';

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
  let scan: () => Promise<boolean> = async () => true;
  const subject = new OwnSyncRules({
    ...{ index, documents, clock, rules },
    isReady: () => isReady,
    rescan: () => scan(),
    ownEntries: () => index.after(0, Infinity),
  });
  subject.events.on('changed', () => (changes += 1));
  t.teardown(() => subject.stop());
  return {
    subject,
    told: () => subject.told().map(({ key, since }) => [Buffer.from(key).toString('hex'), since]),
    changes: () => changes,
    setScan: (next: typeof scan) => (scan = next),
    setReady: (ready: boolean) => {
      isReady = ready;
      if (ready) index.events.emit('ready');
    },
  };
}

/** The same with `rules` that came while it ran. */
async function runWithLater(t: ExecutionContext, parts: Lab, ...rules: RuleSettings[]) {
  const running = await run(t, parts);
  await running.subject.start();
  running.subject.configure(rules);
  await parts.clock.advance(0);
  return running;
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
  const before = parts.index.sequence;
  subject.configure([docs, music]);
  t.deepEqual(told(), [], 'not before the deletions are disowned');
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['c', 'y.ogg']);
  t.false(parts.index.get(parseRelativePath('docs/here'))!.deleted);
  t.deepEqual(told(), [
    [keyOf(docs), before],
    [keyOf(music), before],
  ]);
  t.true(changes() > 0);
});

test('a rule is the same after a restart, and new when it was gone meanwhile', async (t) => {
  const parts = lab();
  const first = await runWithLater(t, parts, docs);
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
  await parts.clock.advance(0);
  const { sequence } = parts.index;
  second.subject.configure([docs]);
  await parts.clock.advance(0);
  t.deepEqual(second.told(), [[keyOf(docs), sequence]]);
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
  const { sequence } = parts.index;
  setReady(true);
  await parts.clock.advance(0);
  t.deepEqual(told(), [[keyOf(docs), sequence]]);
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

test('what is deleted while a rule is taken up is meant for all', async (t) => {
  const parts = lab();
  parts.index.put(...Array.from({ length: 2000 }, (_, number) => tombstone(`docs/old ${number}`)));
  const { subject, told } = await run(t, parts);
  await subject.start();
  subject.configure([docs]);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  t.deepEqual(told(), []);
  parts.index.put(tombstone('docs/a0'));
  await parts.clock.advance(0);
  const [, since] = told()[0]!;
  const entry = parts.index.get(parseRelativePath('docs/a0'))!;
  t.true(entry.version.length === 0 || entry.sequence > Number(since));
});

test('before a rule is taken up it is known what has been deleted, however long that takes', async (t) => {
  const parts = lab();
  const { subject, told, setScan } = await run(t, parts);
  await subject.start();
  let scans = 0;
  setScan(async () => {
    scans += 1;
    if (scans === 2) parts.index.put(tombstone('docs/here'));
    return scans === 2;
  });
  subject.configure([docs]);
  await parts.clock.advance(1000);
  t.deepEqual(told(), []);
  await parts.clock.advance(2000);
  t.is(told().length, 1);
  t.false(deleted(parts).includes('docs/here'));
});

test('what another rule decides about stays deleted', async (t) => {
  const parts = lab();
  const { subject } = await run(t, parts);
  await subject.start();
  const first = ruleSettings({ match: ['docs/a'], priority: 1 });
  subject.configure([ruleSettings({ mode: 'sync' }), first]);
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['docs/a']);
});

test('what was deleted for all stays so when the patterns change', async (t) => {
  const parts = lab();
  const first = await runWithLater(t, parts, docs);
  parts.index.put(tombstone('docs/here'));
  await first.subject.stop();
  const more = ruleSettings({ mode: 'sync', match: ['docs/**', 'c'] });
  const { subject, told } = await run(t, parts, more);
  await subject.start();
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['docs/here', 'music/x/y.ogg', 'y.ogg']);
  const [[key, since] = []] = told();
  t.is(key, keyOf(more));
  t.true(parts.index.get(parseRelativePath('docs/here'))!.sequence > Number(since));
});

test('what another rule decided about is disowned when that is gone', async (t) => {
  const parts = lab();
  const { subject, told } = await run(t, parts);
  await subject.start();
  const sync = ruleSettings({ mode: 'sync' });
  const { sequence } = parts.index;
  subject.configure([ruleSettings({ match: ['docs/a'], priority: 1 }), sync]);
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['docs/a']);
  parts.index.put(tombstone('docs/here'));
  subject.configure([sync]);
  await parts.clock.advance(0);
  t.deepEqual(deleted(parts), ['docs/here']);
  t.deepEqual(told(), [[keyOf(sync), sequence]]);
});
