import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { incrementVersion } from '../../src/model/version-vector.ts';
import { Rule } from '../../src/sync/rule.ts';
import { RuleBrake, type Act } from '../../src/transfer/rule-brake.ts';
import { deviceNamed } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { ruleSettings } from '../support/rule-settings.ts';

/** A brake over rules that are about 40 files each. */
function setUp(stored: Record<string, unknown> = {}) {
  const documents = new Map<string, unknown>(Object.entries(stored));
  const clock = new FakeClock();
  const make = () =>
    new RuleBrake({
      clock,
      logger: new RecordingLogger(),
      documents: {
        all: () => documents,
        write: (changes) => {
          for (const [id, value] of changes) {
            if (value === undefined) documents.delete(id);
            else documents.set(id, value);
          }
        },
      },
      countFiles: () => 40,
    });
  return { documents, clock, make, brake: make() };
}

const acts = (from: number, count: number, version: Act['version'] = []): Act[] =>
  Array.from({ length: count }, (_, index) => ({
    target: parseRelativePath(`file ${from + index}`),
    version,
  }));

test('what happens within a minute counts together, each file once, and what waits counts too', async (t) => {
  const rule = new Rule(ruleSettings());
  const { brake, clock } = setUp();
  t.true(brake.allows(rule, acts(0, 20)));
  t.true(brake.allows(rule, acts(0, 20)));
  await clock.advance(60_001);
  t.true(brake.allows(rule, acts(20, 10)));
  t.true(brake.allows(rule, acts(30, 5), 5));
  await clock.advance(60_000);
  t.false(brake.allows(rule, acts(40, 5), 1));
  t.true(brake.isStopped(rule));
  t.false(brake.allows(rule, []));
  t.true(brake.allows(new Rule(ruleSettings()), acts(0, 20)));
});

test('a person agrees to what the rule is about to do, once, and to nothing else', (t) => {
  const rule = new Rule(ruleSettings());
  const { brake, documents } = setUp();
  t.false(brake.allows(rule, acts(0, 21)));
  t.deepEqual(brake.stopped(), [{ id: rule.settings.id, rule: '**', count: 21 }]);
  brake.release(rule.settings.id, acts(0, 21));
  t.is(documents.size, 0);
  t.true(brake.allows(rule, acts(0, 21)));
  t.false(brake.allows(rule, acts(0, 21)));
  brake.release(rule.settings.id, acts(0, 21));
  t.false(brake.allows(rule, acts(0, 21, incrementVersion([], deviceNamed('ana'), 1))), 'another version');
});

test('a rule that was stopped is still after a start, whatever else is stored', (t) => {
  const rule = new Rule(ruleSettings());
  const { brake, make, documents } = setUp();
  brake.allows(rule, acts(0, 21));
  documents.set('damaged', { rule: 3 });
  t.deepEqual(make().stopped(), brake.stopped());
});

test('a rule that there is no more is forgotten, and one that comes back begins anew', (t) => {
  const [kept, gone] = [new Rule(ruleSettings()), new Rule(ruleSettings())];
  const { brake, documents } = setUp();
  brake.allows(kept, acts(0, 21));
  brake.allows(gone, acts(0, 21));
  brake.retain(new Set([kept.settings.id]));
  t.deepEqual([...documents.keys()], [kept.settings.id]);
  t.true(brake.isStopped(kept));
  t.false(brake.isStopped(gone));
  t.true(brake.allows(gone, acts(0, 20)));
  brake.retain(new Set());
  t.true(brake.allows(gone, acts(20, 20)));
  brake.allows(gone, acts(60, 21));
  brake.release(gone.settings.id, acts(60, 21));
  brake.retain(new Set());
  t.false(brake.allows(gone, acts(60, 21)));
});
