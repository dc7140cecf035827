import test from 'ava';
import fc from 'fast-check';
import { formatDeviceId } from '../../src/model/device-id.ts';
import { parseRelativePath, pathProblem } from '../../src/model/relative-path.ts';
import { Rule, RuleSet } from '../../src/sync/rule.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const ana = { device: deviceNamed('ana'), name: 'Ana' };
const path = parseRelativePath;

test('a path matches when a pattern includes it and none excludes it, in any order', (t) => {
  for (const match of [
    ['*.pdf', '!draft*'],
    ['!draft*', '*.pdf'],
  ]) {
    const rule = new Rule(ruleSettings({ match }));
    t.true(rule.matches(path('a/b.pdf')));
    t.false(rule.matches(path('a/draft.pdf')));
    t.false(rule.matches(path('a/b.txt')));
  }
  const either = new Rule(ruleSettings({ match: ['*.pdf', '*.txt', '!draft*', '!*.old.*'] }));
  for (const name of ['b.pdf', 'b.txt']) t.true(either.matches(path(name)));
  for (const name of ['draft.pdf', 'b.old.txt', 'b.jpg']) t.false(either.matches(path(name)));
});

test('a device is named by its name, its id in either form, or the beginning of its id', (t) => {
  const shown = formatDeviceId(ana.device);
  for (const text of [
    'Ana',
    ' ana',
    ana.device,
    shown,
    shown.toLowerCase(),
    shown.slice(0, 20),
    shown.slice(0, 4),
  ]) {
    t.true(new Rule(ruleSettings({ from: ['nobody', text] })).follows(ana), text);
  }
  for (const text of ['An', 'Ana2', shown.slice(0, 3), shown.slice(1, 8)]) {
    t.false(new Rule(ruleSettings({ from: [text] })).follows(ana), text);
  }
  t.true(new Rule(ruleSettings()).follows(ana));
});

test('a size limit includes its own size', (t) => {
  const rule = new Rule(ruleSettings({ maxSize: 100 }));
  t.true(rule.allows(100));
  t.false(rule.allows(101));
});

test('into: the folder, the peer and the day of the file go before its path, and are found again', (t) => {
  const rule = new Rule(ruleSettings({ into: 'inbox/{peer}/{date}' }));
  const entry = fileEntry('a/x.txt', { mtimeUs: Date.UTC(2026, 10, 22, 23) * 1000 });
  const target = rule.targetOf(entry, ana);
  t.is(target, path('inbox/Ana/2026-11-22/a/x.txt'));
  t.is(rule.sourceOf(target!), path('a/x.txt'));
  t.is(rule.sourceOf(path('inbox/Ana/today/x.txt')), undefined);
  t.is(rule.sourceOf(path('a/x.txt')), undefined);
  t.true(rule.covers(target!));
  for (const other of ['a/x.txt', 'inbox/Ana/today/x.txt']) t.false(rule.covers(path(other)));
  t.deepEqual(rule.placedEndsOf(path(`b/${target!}`)), [target!]);
});

test('a folder, whose time is not kept, has no place by day', (t) => {
  const folder = fileEntry('a', { type: 'directory', size: 0, mtimeUs: 0 });
  t.is(new Rule(ruleSettings({ into: 'inbox/{date}' })).targetOf(folder, ana), undefined);
  t.is(new Rule(ruleSettings({ into: 'inbox/{peer}' })).targetOf(folder, ana), path('inbox/Ana/a'));
});

test('without into a path stays what it is', (t) => {
  const rule = new Rule(ruleSettings({ match: ['*.txt'] }));
  t.is(rule.targetOf(fileEntry('a/x.txt'), ana), path('a/x.txt'));
  t.is(rule.sourceOf(path('a/x.txt')), path('a/x.txt'));
  t.true(rule.covers(path('a/x.txt')));
  t.false(rule.covers(path('a/x.pdf')));
  t.deepEqual(rule.placedEndsOf(path('a/x.txt')), []);
});

test('characters that mean something in patterns mean nothing in folders', (t) => {
  const rule = new Rule(ruleSettings({ into: 'a.b (c)+[d]/$^|x' }));
  const target = rule.targetOf(fileEntry('x'), ana)!;
  t.is(rule.sourceOf(target), path('x'));
  t.is(rule.sourceOf(path('aXb (c)+[d]/$^|x/x')), undefined);
});

test('no name that a peer gives itself leads out of its folder', (t) => {
  const rule = new Rule(ruleSettings({ into: 'inbox/{peer}' }));
  const anyName = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('..', '/', '\\', '.', '\0', '$&', '{date}', '{peer}', ' ', 'a'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(anyName, (name) => {
      const target = rule.targetOf(fileEntry('x'), { ...ana, name })!;
      t.is(pathProblem(target), undefined);
      t.regex(target, /^inbox\/[^/]+\/x$/s);
      t.is(rule.sourceOf(target), path('x'));
    }),
    { numRuns: 10_000 },
  );
});

test('a target that would be too long is none', (t) => {
  const rule = new Rule(ruleSettings({ into: 'a/'.repeat(2000) + 'a' }));
  t.is(rule.targetOf(fileEntry('b/'.repeat(100) + 'b'), ana), undefined);
});

test('higher priority is asked first, then the order in which rules are written', (t) => {
  const [low, first, second] = [
    ruleSettings({ priority: 0 }),
    ruleSettings({ priority: 5, maxSize: 10 }),
    ruleSettings({ priority: 5 }),
  ];
  const rules = new RuleSet([low, first, second]);
  t.is(rules.ruleFor(fileEntry('x', { size: 5 }), ana)?.settings.id, first.id);
  t.is(rules.ruleFor(fileEntry('x', { size: 50 }), ana)?.settings.id, second.id);
  t.is(new RuleSet([]).ruleFor(fileEntry('x'), ana), undefined);
});

test('a rule is only asked about what it matches, from those whom it follows', (t) => {
  const [pictures, bens, rest] = [
    ruleSettings({ match: ['*.jpg'] }),
    ruleSettings({ from: ['Ben'] }),
    ruleSettings({ match: ['*.txt'] }),
  ];
  const rules = new RuleSet([pictures, bens, rest]);
  const ben = { device: deviceNamed('ben'), name: 'Ben' };
  t.is(rules.ruleFor(fileEntry('x.jpg'), ben)?.settings.id, pictures.id);
  t.is(rules.ruleFor(fileEntry('x.txt'), ben)?.settings.id, bens.id);
  t.is(rules.ruleFor(fileEntry('x.txt'), ana)?.settings.id, rest.id);
  t.is(rules.ruleFor(fileEntry('x.pdf'), ana), undefined);
});
