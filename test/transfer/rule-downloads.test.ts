import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { DownloadView } from '../../src/transfer/download.ts';
import type { Proposal } from '../../src/sync/plan.ts';
import { Rule } from '../../src/sync/rule.ts';
import { RuleDownloads } from '../../src/transfer/rule-downloads.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { quiet, ruleFollower, until } from '../support/rule-peer.ts';
import { ruleSettings } from '../support/rule-settings.ts';

test('a download that is wanted under two paths is cancelled when neither wants it any more', (t) => {
  const cancelled: string[] = [];
  const target = parseRelativePath('x (copy)');
  const downloads = new RuleDownloads({
    downloads: {
      // As the queue does, for the same content and target.
      request: () => ({
        id: 'one',
        state: 'queued',
        view: () => undefined as never,
        finished: new Promise(() => {}),
      }),
      resume: async () => [],
      followRule: (id, rule) => void (rule ?? cancelled.push(id)),
      ofRules: () => [],
    },
    catalogue: { at: () => [] },
    index: { get: () => undefined },
    finished: () => {},
  });
  const rule = new Rule(ruleSettings({}));
  const entry = fileEntry('x', { content: 'x' });
  const decision = {
    type: 'fetch' as const,
    entry,
    sources: [deviceNamed('ana')],
    target,
    replaces: undefined,
  };
  const paths = ['x', 'x (copy)'].map(parseRelativePath);
  for (const path of paths) {
    const proposal: Proposal = { rule, path, target, decision, claims: 1 };
    downloads.ask(proposal, decision);
  }
  downloads.retain(paths[0]!, []);
  t.deepEqual(cancelled, []);
  downloads.retain(paths[1]!, []);
  t.deepEqual(cancelled, ['one']);
});

test('what an earlier process had asked for is given up when it is neither wanted nor offered', (t) => {
  const cancelled: string[] = [];
  let offered = [fileEntry('x', { content: 'x' })];
  const [content] = offered;
  const { path } = content!;
  const handle = {
    id: 'left',
    state: 'queued' as const,
    view: () => undefined as never,
    finished: new Promise<never>(() => {}),
  };
  const downloads = new RuleDownloads({
    downloads: {
      request: () => handle,
      resume: async () => [],
      followRule: (id, rule) => void (rule ?? cancelled.push(id)),
      ofRules: () => [{ handle, content: content!, classic: undefined, target: path }],
    },
    catalogue: { at: () => offered.map((entry) => ({ device: deviceNamed('ana'), entry })) },
    index: { get: () => undefined },
    finished: () => {},
  });
  t.deepEqual(downloads.takeUp(), [path]);
  t.true(downloads.isUnderWay(path, path));
  const bringing = {
    type: 'fetch' as const,
    entry: content!,
    sources: [],
    target: path,
    replaces: undefined,
  };
  t.false(downloads.isAsked(path, bringing), 'who wants it asks again');
  const rule = new Rule(ruleSettings());
  const none = { type: 'none', why: 'same' } as const;
  const unwanted = { rule, path, target: path, decision: none, claims: 1 };
  downloads.retain(path, [unwanted]);
  t.deepEqual(cancelled, []);
  offered = [];
  downloads.retain(path, [unwanted]);
  t.deepEqual(cancelled, ['left']);
  t.false(downloads.isUnderWay(path, path));
});

test('a version that another one has replaced is given up when nobody offers it any more', (t) => {
  const cancelled: string[] = [];
  const ids = ['first', 'second'];
  const by = (name: string) =>
    fileEntry('x', { content: name, version: [{ device: deviceNamed(name), value: 1 }] });
  let offered = [by('ana'), by('luis')];
  const downloads = new RuleDownloads({
    downloads: {
      request: () => ({
        id: ids.shift()!,
        state: 'queued',
        view: () => undefined as never,
        finished: new Promise(() => {}),
      }),
      resume: async () => [],
      followRule: (id, rule) => void (rule ?? cancelled.push(id)),
      ofRules: () => [],
    },
    catalogue: { at: () => offered.map((entry) => ({ device: deviceNamed('ana'), entry })) },
    index: { get: () => undefined },
    finished: () => {},
  });
  const rule = new Rule(ruleSettings({}));
  const path = parseRelativePath('x');
  const proposals = offered.map((entry): Proposal & { decision: { type: 'fetch' } } => {
    const decision = { type: 'fetch' as const, entry, sources: [], target: path, replaces: undefined };
    return { rule, path, target: path, decision, claims: 2 };
  });
  for (const proposal of proposals) downloads.ask(proposal, proposal.decision);
  const [, second] = proposals;
  t.true(downloads.isAsked(path, second!.decision));
  downloads.retain(path, [second!]);
  t.deepEqual(cancelled, []);
  offered = offered.slice(1);
  downloads.retain(path, [second!]);
  t.deepEqual(cancelled, ['first']);
  t.true(downloads.isAsked(path, second!.decision));
  t.true(downloads.isUnderWay(path, path));
});

for (const { title, claims } of [
  { title: 'by nobody', claims: undefined },
  { title: 'when its source spoke of it meanwhile', claims: 1 },
  { title: 'when others spoke of it meanwhile', claims: 2 },
]) {
  test(`what came as it was asked for is looked at again ${title}`, (t) => {
    const looked: string[] = [];
    const entry = fileEntry('x', { content: 'x' });
    const { path } = entry;
    const here = new Map<string, typeof entry>();
    const view = { state: 'done', error: null } as DownloadView;
    const handle = { id: 'one', state: view.state, view: () => view, finished: Promise.resolve(view) };
    const downloads = new RuleDownloads({
      downloads: {
        request: () => handle,
        resume: async () => [],
        followRule: () => {},
        ofRules: () => [],
      },
      catalogue: { at: () => [{ device: deviceNamed('ana'), entry }] },
      index: { get: (each) => here.get(each) },
      finished: (each) => looked.push(each),
    });
    const rule = new Rule(ruleSettings({}));
    const sources = [deviceNamed('ana')];
    const decision = { type: 'fetch' as const, entry, sources, target: path, replaces: undefined };
    downloads.ask({ rule, path, target: path, decision, claims: 1 }, decision);
    // It is said to be deleted: as long as it is not here, there is nothing to delete.
    const none = { type: 'none' as const, why: 'same' as const };
    if (claims) downloads.retain(path, [{ rule, path, target: path, decision: none, claims }]);
    here.set(path, entry);
    downloads.changed(handle);
    t.deepEqual(looked, claims ? ['x'] : []);
  });
}

for (const mode of ['mirror', 'sync'] as const) {
  test(`${mode}: what a person asked for as well is in place in the end, though it came beside ours`, async (t) => {
    const { ana, ben, both, has } = await ruleFollower(t, { mode });
    ana.isReady = false;
    await ana.write('x', 'ours');
    await ben.write('x', 'theirs, which came last');
    const content = ben.peer.index.get(parseRelativePath('x'))!;
    const { path } = content;
    const order = { path, content, devices: [ben.peer.device], target: path, priority: 0 };
    ana.peer.downloads.request({ ...order, reason: 'person' });
    await ana.peer.downloads.pause([]);
    ana.isReady = true;
    ana.peer.index.events.emit('ready');
    await until(both, () => ana.runner.isIdle);
    await ana.peer.downloads.resume([]);
    await quiet(both);
    t.true(await has('x', 'theirs, which came last')());
    t.true(Object.values(await ana.files()).includes('ours'));
  });
}
