/**
 * The layers of src/, top first. A file may import its own layer and the ones below, never one above.
 * src/README.md describes each of them.
 */
const LAYERS = [
  ['main', '^src/main\\.ts$'],
  ['agent', '^src/agent(/|\\.ts$)'],
  ['faces', '^src/(prompt|commands|web|views)/'],
  ['control', '^src/control/'],
  ['agent-api', '^src/agent-api\\.ts$'],
  ['transfer', '^src/transfer/'],
  ['sync', '^src/sync/'],
  ['catalogue', '^src/catalogue/'],
  ['index', '^src/index/'],
  ['discovery', '^src/discovery/'],
  ['transport', '^src/transport/'],
  ['security', '^src/security/'],
  ['wire', '^src/wire/'],
  ['config', '^src/config/'],
  ['logging', '^src/logging/'],
  ['model', '^src/model/'],
  ['language', '^src/language/'],
  ['core', '^src/core/'],
];

const importsPointDown = LAYERS.slice(1).map(([name, path], index) => ({
  name: `${name}-imports-nothing-above-it`,
  severity: 'error',
  from: { path },
  to: { path: LAYERS.slice(0, index + 1).map(([, above]) => above) },
}));

/** Folders whose code is a function of its arguments alone: no files, sockets, timers or logger. */
const PURE = '^src/(model|wire|sync|language)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...importsPointDown,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-folders-do-no-input-or-output',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: '^(node:)?(fs|fs/promises|net|tls|dgram|http|https|timers|timers/promises|child_process|worker_threads)$',
      },
    },
    {
      name: 'pure-folders-do-not-log',
      severity: 'error',
      from: { path: PURE },
      to: { path: ['^src/core/(logger|clock|system-clock|node-file-system)', 'node_modules/winston'] },
    },
    {
      name: 'faces-talk-to-the-agent-api-only',
      severity: 'error',
      from: { path: '^src/(prompt|web|views)/' },
      to: {
        path: '^src/(control|transfer|sync|catalogue|index|discovery|transport|security|wire|config|logging)/',
      },
    },
    {
      name: 'production-code-imports-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-development-dependency-in-production',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'], pathNot: '@types/' },
    },
    {
      // Each thread loads what its script imports, while whoever asked for it waits: the database alone takes 50 ms.
      name: 'threads-load-no-database',
      severity: 'error',
      from: { path: '-worker\\.ts$' },
      to: { path: ['^src/index/database\\.ts$', 'node_modules/libsql/'], reachable: true },
    },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
