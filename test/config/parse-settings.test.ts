import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parseSettings, type SettingsContext } from '../../src/config/parse-settings.ts';
import type { Settings } from '../../src/config/settings.ts';

const CONTEXT: SettingsContext = { file: '/home/ana/config.yaml', hostname: 'pc-ana.local', language: 'es' };

function settingsOf(text: string): Settings {
  const result = parseSettings(text, CONTEXT);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

test('an empty file means all defaults', (t) => {
  for (const text of ['', '# nothing\n', '---\n', '{}', 'rules:\nlimits:\n', '\uFEFF']) {
    t.deepEqual(settingsOf(text), {
      name: 'pc-ana',
      folder: '/home/ana/compartidos',
      stateFolder: '/home/ana/.compartidos',
      port: 6000,
      language: 'es',
      access: 'open',
      classic: true,
      discovery: { mdns: true, peers: [], queryIntervalMs: 30_000 },
      rules: [],
      limits: {
        downloads: 16,
        downloadsPerPeer: 8,
        down: undefined,
        up: undefined,
        perPeer: undefined,
        schedule: [],
      },
      durability: 'full',
      minFree: 1e9,
      trash: { maxAgeMs: 30 * 86_400_000, maxSize: 10e9 },
      log: { level: 'info', maxSize: 10e6, files: 5 },
    });
  }
});

test('every key is read', (t) => {
  const settings = settingsOf(`
name: Ana
folder: ../shared
port: 7000
language: en
access: open
classic: false
discovery:
  mdns: false
  peers: ["10.0.0.7:6001", "[::1]:6002", server.example:6003]
  query_interval: 1 min
rules:
  - match: "*.pdf"
  - match: ["docs/**", "!**/*.tmp"]
    from: Beto
    max_size: 100 MB
    into: from/{peer}/{date}
    mode: mirror
    priority: 5
limits:
  downloads: 3
  downloads_per_peer: 2
  down: 5 MB/s
  up: 1.5 MiB/s
  per_peer: 2000000
  schedule:
    Mo-Fr 08:00-18:00: 1 MB/s
durability: fast
min_free: 2 GiB
trash: { days: 7, max_size: 1 GB }
log: { level: debug, max_size: 1 MB, files: 2 }
`);
  t.is(settings.folder, '/home/shared');
  t.deepEqual(settings.discovery, {
    mdns: false,
    peers: [
      { host: '10.0.0.7', port: 6001 },
      { host: '::1', port: 6002 },
      { host: 'server.example', port: 6003 },
    ],
    queryIntervalMs: 60_000,
  });
  t.like(settings.rules[0], {
    match: ['*.pdf'],
    from: [],
    maxSize: undefined,
    into: undefined,
    mode: 'fetch',
  });
  t.like(settings.rules[1], {
    match: ['docs/**', '!**/*.tmp'],
    from: ['Beto'],
    maxSize: 100e6,
    into: 'from/{peer}/{date}',
    mode: 'mirror',
    priority: 5,
  });
  t.deepEqual(settings.limits, {
    downloads: 3,
    downloadsPerPeer: 2,
    down: 5e6,
    up: 1.5 * 1024 ** 2,
    perPeer: 2e6,
    schedule: [{ days: [1, 2, 3, 4, 5], from: 480, until: 1080, rate: 1e6 }],
  });
  t.like(settings, { name: 'Ana', port: 7000, language: 'en', classic: false, durability: 'fast' });
  t.is(settings.minFree, 2 * 1024 ** 3);
  t.deepEqual(settings.trash, { maxAgeMs: 7 * 86_400_000, maxSize: 1e9 });
  t.deepEqual(settings.log, { level: 'debug', maxSize: 1e6, files: 2 });
});

test('a ~ stands for the home folder, in front only', (t) => {
  t.is(settingsOf('folder: ~/shared').folder, join(homedir(), 'shared'));
  t.is(settingsOf('folder: "~"').folder, homedir());
  t.is(settingsOf('folder: ~ana').folder, '/home/ana/~ana');
});

test('the id of a rule does not depend on the other rules', (t) => {
  const one = settingsOf('rules: [{match: "*.pdf"}]').rules[0]!.id;
  const two = settingsOf('rules: [{match: "*.jpg"}, {match: ["*.pdf"], priority: 3}]').rules[1]!.id;
  t.is(one, two);
  const twins = settingsOf('rules: [{match: "*.pdf"}, {match: "*.pdf"}]').rules.map(({ id }) => id);
  t.is(new Set(twins).size, 2);
});

const fragment = fc.constantFrom(
  ...[
    'name',
    'port',
    'rules',
    'match',
    'limits',
    'schedule',
    'down',
    'discovery',
    'peers',
    'into',
    'log',
    'level',
  ],
  ...[
    ': ',
    ':',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!!',
    '!',
    '|',
    '>',
  ],
  ...[
    '<<',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
    '\t',
    '\0',
    '\u2028',
    '\ud800',
    '__proto__',
    '5 MB/s',
    '-1',
    '1e999',
  ],
  ...['0x10', '~', 'null', 'true', '08:00-18:00', 'Mo-Fr', '*.pdf', '../..', '{peer}', '[::1]:6000', '? '],
);

test('no text crashes the loader, and what it accepts is within its bounds', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.json({ maxDepth: 4 }),
    fc.object({ key: fragment, maxDepth: 3 }).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(text, (input) => {
      const result = parseSettings(input, CONTEXT);
      if ('problems' in result) {
        return (
          result.problems.length > 0 && result.problems.every(({ line, column }) => line >= 1 && column >= 1)
        );
      }
      const { port, name, rules, folder } = result.settings;
      const within = Number.isInteger(port) && port >= 0 && port <= 65_535;
      return (
        within && name.length > 0 && folder.startsWith('/') && rules.every((rule) => rule.match.length > 0)
      );
    }),
    { numRuns: 12_000 },
  );
  t.pass();
});
