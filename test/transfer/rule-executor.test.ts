import test from 'ava';
import { silentLogger } from '../../src/core/logger.ts';
import type { FileEntry } from '../../src/model/file-entry.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';
import type { Proposal } from '../../src/sync/plan.ts';
import { Rule } from '../../src/sync/rule.ts';
import type { Outcome } from '../../src/transfer/local-changes.ts';
import { RuleExecutor } from '../../src/transfer/rule-executor.ts';
import type { ExecutorParts } from '../../src/transfer/rule-executor.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { quiet, ruleFollower, until } from '../support/rule-peer.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const rule = new Rule(ruleSettings({ mode: 'mirror' }));
const folder = fileEntry('folder', { type: 'directory' });

function removal(ours: FileEntry): Proposal {
  const tombstone = { ...ours, deleted: true };
  const decision = { type: 'delete', ours, tombstone, from: deviceNamed('ana') } as const;
  return { rule, path: ours.path, target: ours.path, decision, claims: 1 };
}

/** An executor that does what `remove` says, and the paths that are to be looked at again. */
function executorOf(remove: (ours: FileEntry, executor: RuleExecutor) => Promise<Outcome>) {
  const again: RelativePath[] = [];
  const clock = new FakeClock();
  const parts = {
    changes: { remove: (ours: FileEntry) => remove(ours, executor) },
    evaluator: { sourcesOf: (path: RelativePath) => [path, `elsewhere/${path}`] },
    clock,
    logger: silentLogger,
    again: (path: RelativePath) => again.push(path),
  };
  const executor = new RuleExecutor(parts as unknown as ExecutorParts);
  return { executor, again, clock };
}

test('a folder out of which something goes while it is found to be full is looked at again at once', async (t) => {
  const { executor, again, clock } = executorOf(async (_, self) => {
    self.changed(fileEntry('folder/x', { deleted: true }));
    return 'full';
  });
  await executor.deleteAll([removal(folder)]);
  t.true(again.includes(folder.path));
  t.is(clock.pending, 0);
});

test('what else is to come to a place is looked at when nothing is changed there any more', async (t) => {
  for (const work of [async () => 'done' as const, () => Promise.reject(new Error('failed'))]) {
    const { executor, again } = executorOf(work);
    await executor.deleteAll([removal(fileEntry('x'))]);
    t.true(again.includes('elsewhere/x' as RelativePath));
  }
});

test('a folder that is full is looked at again when something in it goes', async (t) => {
  const { executor, again } = executorOf(async () => 'full');
  await executor.deleteAll([removal(folder)]);
  t.false(again.includes(folder.path));
  executor.changed(fileEntry('folder/x', { deleted: true }));
  t.true(again.includes(folder.path));
});

test('folders are deleted after what is in them, those of one depth together', async (t) => {
  const removed: string[] = [];
  let working = 0;
  const { executor } = executorOf(async ({ path }) => {
    working += 1;
    await new Promise((resolve) => setImmediate(resolve));
    removed.push(`${path} of ${working}`);
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
    return 'done';
  });
  const folders = ['a', 'a/b', 'a/c'].map((path) => fileEntry(path, { type: 'directory' }));
  await executor.deleteAll([...folders, fileEntry('a/b/x')].map(removal));
  t.deepEqual(removed, ['a/b/x of 1', 'a/b of 2', 'a/c of 2', 'a of 1']);
});

test('what fails is looked at again after half a minute, unless waiting cannot help', async (t) => {
  const failing = (code: string) =>
    executorOf(() => Promise.reject(Object.assign(new Error(code), { code })));
  const { executor, again, clock } = failing('EIO');
  await executor.deleteAll([removal(folder)]);
  await clock.advance(29_999);
  t.false(again.includes(folder.path));
  await clock.advance(1);
  t.true(again.includes(folder.path));
  t.is(clock.pending, 0);
  const other = failing('EXDEV');
  await other.executor.deleteAll([removal(folder)]);
  t.is(other.clock.pending, 0);
});

test('what has failed once is done in the end', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'mirror' });
  await ben.write('x', 'text');
  await until(both, has('x', 'text'));
  await quiet(both);
  const discard = ana.trash.discard.bind(ana.trash);
  let failures = 0;
  ana.trash.discard = (...about) => {
    failures += 1;
    return failures > 1
      ? discard(...about)
      : Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
  };
  await ben.remove('x');
  await until(both, () => failures > 0);
  t.true(await has('x', 'text')());
  await until(both, async () => Object.keys(await ana.files()).length === 0);
  t.is(failures, 2);
});

test('what waited for a renaming and is gone keeps nothing from being deleted', async (t) => {
  const { ana, ben, both, has } = await ruleFollower(t, { mode: 'sync' });
  await ben.write('first', 'text');
  await until(both, has('first', 'text'));
  await quiet(both);
  await ben.write('second', 'text');
  await ana.clock.advance(100);
  t.deepEqual(await ana.files(), { first: 'text' }, 'it waits for the first to be withdrawn');
  await ben.remove('second');
  await ana.clock.advance(100);
  await ben.remove('first');
  await quiet(both);
  t.deepEqual(await ana.files(), {});
});
