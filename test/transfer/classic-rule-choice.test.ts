import test, { type ExecutionContext } from 'ava';
import type { RuleSettings } from '../../src/config/settings.ts';
import { ClassicPeers } from '../../src/catalogue/classic-peers.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { parseRelativePath } from '../../src/model/relative-path.ts';
import { ClassicRules } from '../../src/transfer/classic-rules.ts';
import type { ClassicRequest } from '../../src/transfer/download-request.ts';
import type { DownloadHandle } from '../../src/transfer/download-telling.ts';
import { deviceNamed, fileEntry } from '../support/entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryIndex } from '../support/memory-index.ts';
import { ruleSettings } from '../support/rule-settings.ts';

const MINUTE = 60_000;

/** Rules, and a classic node at each of `hosts` that has everything it is asked for. */
async function setUp(t: ExecutionContext, rules: Partial<RuleSettings>[], hosts = ['10.0.0.1']) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const classicPeers = new ClassicPeers({
    clock,
    logger: silentLogger,
    intervalMs: MINUTE,
    queries: {
      probe: async () => 'classic',
      search: async (_, name) => {
        asked.push(name);
        return true;
      },
    },
  });
  const index = new MemoryIndex(new NodeFileSystem(), '/shared', deviceNamed('us'));
  const requests: ClassicRequest[] = [];
  const subject = new ClassicRules({
    ...{ classicPeers, index, clock, rules: rules.map(ruleSettings) },
    downloads: {
      requestClassic: (request) => {
        requests.push(request);
        return { id: request.name, finished: new Promise(() => {}) } as unknown as DownloadHandle;
      },
      followRule: () => {},
      ofRules: () => [],
    },
  });
  await classicPeers.start();
  await subject.start();
  for (const host of hosts) await classicPeers.offer({ host, port: 6000 });
  await clock.advance(0);
  t.teardown(async () => {
    await subject.stop();
    await classicPeers.stop();
  });
  return {
    ...{ clock, asked, index, requests, subject },
    targets: () => requests.map(({ target }) => target),
  };
}

test('classic peers are asked for what rules name literally, and what they have is fetched', async (t) => {
  const { asked, requests } = await setUp(t, [
    { id: 'one', match: ['informe.pdf', '*.png', '!borrador.pdf'], into: 'de/{peer}' },
    { match: ['informe.pdf', 'notas/a.txt'] },
  ]);
  t.deepEqual(asked, ['informe.pdf', 'notas/a.txt']);
  t.deepEqual(requests[0], {
    ...{ host: '10.0.0.1', port: 6000, name: 'informe.pdf', reason: 'rule' },
    rule: requests[0]!.rule,
    target: parseRelativePath('de/10.0.0.1/informe.pdf'),
  });
  t.is(requests[1]!.target, parseRelativePath('notas/a.txt'));
});

test('a rule fetches only from the classic peers that it names', async (t) => {
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const { requests } = await setUp(t, [{ match: ['a'], from: ['10.0.0.2', '10.0.0.3:6000', 'ana'] }], hosts);
  t.deepEqual(
    requests.map(({ host }) => host),
    ['10.0.0.2', '10.0.0.3'],
  );
});

test('of several rules about a file the one of the highest priority says where it goes', async (t) => {
  const { targets } = await setUp(t, [
    { match: ['a'], into: 'low' },
    { match: ['*', '!b'], into: 'high', priority: 1 },
    { match: ['b'], into: 'other' },
  ]);
  t.deepEqual(targets(), ['high/a', 'other/b'].map(parseRelativePath));
});

test('what is there is not fetched again', async (t) => {
  const { clock, index, targets } = await setUp(t, [{ match: ['a', 'b'] }]);
  t.deepEqual(targets(), ['a', 'b'].map(parseRelativePath));
  await index.record([fileEntry('a')]);
  await clock.advance(MINUTE);
  t.deepEqual(targets().slice(2), [parseRelativePath('b')]);
});

test('a name that is no path here, or has none where the rule puts it, is not fetched', async (t) => {
  const { targets } = await setUp(t, [
    { match: ['../x', '/etc/passwd', '.compartidos/identity/key.pem', 'a\\b'] },
    { match: ['y'.repeat(200)], into: 'f/'.repeat(2000) + 'f' },
    { match: ['good'] },
  ]);
  t.deepEqual(targets(), [parseRelativePath('good')]);
});

test('changed rules count at once, and after the stop none does', async (t) => {
  const { clock, subject, targets } = await setUp(t, [{ match: ['a'] }]);
  subject.configure([ruleSettings({ match: ['b'] })]);
  await clock.advance(0);
  t.deepEqual(targets(), ['a', 'b'].map(parseRelativePath));
  await subject.stop();
  await clock.advance(2 * MINUTE);
  t.is(targets().length, 2);
});
