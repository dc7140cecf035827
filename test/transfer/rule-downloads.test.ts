import test from 'ava';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import type { Proposal } from '../../src/sync/plan.ts';
import { Rule } from '../../src/sync/rule.ts';
import { RuleDownloads } from '../../src/transfer/rule-downloads.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { ruleSettings } from '../support/rule-settings.ts';

test('a download that is wanted under two paths is cancelled when neither wants it any more', (t) => {
  const cancelled: string[] = [];
  const target = parseRelativePath('x (copy)');
  const downloads = new RuleDownloads({
    downloads: {
      // As the queue does, for the same content and target.
      request: () => ({ id: 'one', view: () => undefined as never, finished: new Promise(() => {}) }),
      cancel: (ids) => {
        cancelled.push(...ids);
        return [];
      },
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
