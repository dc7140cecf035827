import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { Decision } from '../../src/sync/decide.ts';
import {
  findRenaming,
  fromTheBottom,
  fromTheTop,
  isDestructive,
  isKeptElsewhere,
} from '../../src/sync/plan.ts';
import type { Proposal } from '../../src/sync/plan.ts';
import { Rule } from '../../src/sync/rule.ts';
import { deviceNamed, fileEntry, tombstone } from '../support/entries.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const rule = new Rule(ruleSettings({ mode: 'mirror' }));
const ana = deviceNamed('ana');

function proposal(path: string, decision: Decision, by = rule): Proposal {
  return { rule: by, path: parseRelativePath(path), target: parseRelativePath(path), decision, claims: 1 };
}

const old = fileEntry('old', { content: 'same' });
const fetch = (path: string, fields: Parameters<typeof fileEntry>[1] = { content: 'same' }) =>
  proposal(path, {
    type: 'fetch',
    entry: fileEntry(path, fields),
    sources: [ana],
    target: parseRelativePath(path),
    replaces: undefined,
  });
const deletion = (by = rule) =>
  proposal('old', { type: 'delete', ours: old, tombstone: tombstone('old'), from: ana }, by);

test('a file that is to be deleted gives its content to one of the same content', (t) => {
  const renaming = findRenaming(
    fetch('new'),
    () => [old],
    () => [deletion()],
  );
  t.like(renaming, { ours: old, tombstone: tombstone('old'), entry: { path: 'new' as typeof old.path } });
});

test('a file that stays may be about to be deleted', (t) => {
  const stays = proposal('old', { type: 'none', why: 'same' });
  const found = findRenaming(
    fetch('new'),
    () => [old],
    () => [stays],
  );
  t.deepEqual(found, { type: 'possible', twins: [old] });
});

test('a file that is empty, another, under another rule, or under one that only takes, gives nothing', (t) => {
  const taking = new Rule(ruleSettings());
  const taken = { ...fetch('new'), rule: taking };
  t.is(
    findRenaming(
      taken,
      () => [old],
      () => [deletion(taking)],
    ),
    undefined,
  );
  const other = new Rule(ruleSettings({ mode: 'mirror' }));
  t.is(
    findRenaming(
      fetch('new'),
      () => [old],
      () => [deletion(other)],
    ),
    undefined,
  );
  t.is(
    findRenaming(
      fetch('new', { size: 0 }),
      () => [fileEntry('old', { size: 0 })],
      () => [deletion()],
    ),
    undefined,
  );
  for (const fields of [{ type: 'directory', size: 0, hash: undefined }, { hash: undefined }] as const) {
    t.is(
      findRenaming(
        fetch('new', fields),
        () => t.fail(),
        () => [],
      ),
      undefined,
    );
  }
  t.is(
    findRenaming(
      fetch('new', { content: 'another' }),
      () => [old],
      () => [deletion()],
    ),
    undefined,
  );
  t.is(
    findRenaming(
      fetch('old'),
      () => [old],
      () => [deletion()],
    ),
    undefined,
  );
});

test('what comes in place of a file of ours, or is not brought at all, needs no other of ours', (t) => {
  const { decision } = fetch('new');
  for (const other of [
    { ...decision, replaces: fileEntry('new', { content: 'older' }) },
    { type: 'adopt', ours: old, entry: fileEntry('new', { content: 'same' }), from: ana },
  ] as Decision[]) {
    t.is(
      findRenaming(
        proposal('new', other),
        () => [old],
        () => [deletion()],
      ),
      undefined,
    );
  }
});

test('what is here under just one other name, which stays, is kept when it is deleted under one', (t) => {
  const twins = () => [old, fileEntry('twin', { content: 'same' }), fileEntry('x', { content: 'another' })];
  const isLeaving =
    (...names: string[]) =>
    (path: string) =>
      names.includes(path);
  t.true(isKeptElsewhere(deletion(), twins, isLeaving('old')));
  t.false(isKeptElsewhere(deletion(), twins, isLeaving('old', 'twin')));
  t.false(isKeptElsewhere(deletion(), () => [], isLeaving('old')));
  t.false(isKeptElsewhere(fetch('new'), twins, isLeaving('old')));
  const folder = fileEntry('old', { type: 'directory', size: 0, hash: undefined });
  const leaving = { type: 'delete', ours: folder, tombstone: tombstone('old'), from: ana } as const;
  t.false(isKeptElsewhere(proposal('old', leaving), () => t.fail(), isLeaving('old')));
  const many = () => [...twins(), fileEntry('third', { content: 'same' })];
  t.false(isKeptElsewhere(deletion(), many, isLeaving('old')));
});

test('only what removes something of ours from its place is destructive', (t) => {
  const entry = fileEntry('x');
  const copy = parseRelativePath('copy');
  const conflict = { type: 'conflict', entry, sources: [ana], ours: entry, copy } as const;
  t.true(isDestructive(deletion()));
  const folder = fileEntry('folder', { type: 'directory' });
  const folderDeletion = { type: 'delete', ours: folder, tombstone: tombstone('folder'), from: ana } as const;
  t.false(isDestructive(proposal('folder', folderDeletion)));
  t.true(isDestructive(proposal('x', { ...conflict, target: entry.path })));
  t.false(isDestructive(proposal('x', { ...conflict, target: copy })));
  t.false(isDestructive(fetch('x')));
  t.true(
    isDestructive(
      proposal('x', { type: 'fetch', entry, sources: [ana], target: entry.path, replaces: entry }),
    ),
  );
  t.false(
    isDestructive(
      proposal('x', { type: 'fetch', entry, sources: [ana], target: entry.path, replaces: folder }),
    ),
  );
  t.false(isDestructive(proposal('x', { type: 'adopt', ours: entry, entry, from: ana })));
});

test('folders are made from the top and removed from the bottom', (t) => {
  const all = ['a/b/c', 'b', 'a', 'a/b'].map((path) => fetch(path));
  const names = () => all.map(({ path }): string => path);
  all.sort(fromTheTop);
  t.deepEqual(names(), ['a', 'b', 'a/b', 'a/b/c']);
  const levels = fromTheBottom(all).map((level) => level.map(({ path }): string => path));
  t.deepEqual(levels, [['a/b/c'], ['a/b'], ['a', 'b']]);
});
