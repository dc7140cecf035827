import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROGRAM as SHIPPED_PROGRAM } from '../support/agent-process.ts';
import { PROGRAM, run, startAgent } from '../support/command-runs.ts';
import { CONFLICT_COPY } from '../support/fake-agent.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('without an agent there is a clear error and exit code 3', async (t) => {
  const folder = await temporaryFolder(t);
  for (const args of [['status'], ['peers', '--json'], ['get', 'x'], ['stop']]) {
    const { exitCode, stdout, stderr } = await run(folder, args);
    t.is(exitCode, 3, args.join(' '));
    t.is(stdout, '');
    if (!args.includes('--json'))
      t.regex(
        stderr,
        /^No agent is running for .*\. Start it with "npm start" or "npx compartidos start"\.$/,
      );
    else
      t.like(JSON.parse(stderr), {
        error: { code: 'NO_AGENT', params: { folder: join(folder, '.compartidos') } },
      });
  }
});

// npx links to it, and makes it executable the first time that it does so, only.
test('the program that ships may be run by its own name', async (t) => {
  const { stdout } = await execa(SHIPPED_PROGRAM, ['--version']);
  t.regex(stdout, /^\d+\.\d+\.\d+$/);
});

test('where the database cannot be loaded, the error says what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const preload = join(folder, 'preload.cjs');
  for (const [code, advice] of [
    ['MODULE_NOT_FOUND', /npm ci/],
    ['ERR_DLOPEN_FAILED', /npm ci/],
  ] as const) {
    await writeFile(
      preload,
      `const Module = require('node:module');
       const load = Module._load;
       Module._load = function (name, ...others) {
         if (name.startsWith('@libsql/')) throw Object.assign(new Error('x'), { code: '${code}' });
         return load.call(this, name, ...others);
       };`,
    );
    const { exitCode, stderr } = await execa(SHIPPED_PROGRAM, ['start', '--no-prompt'], {
      cwd: folder,
      env: { NODE_OPTIONS: `--require ${preload}` },
      reject: false,
    });
    t.is(exitCode, 1);
    t.regex(stderr, /does not run on this computer|no funciona en este equipo/);
    t.regex(stderr, advice);
  }
});

test('the commands against a running agent', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'config.yaml'), 'name: from the config\nport: 7001\n');
  const { agent } = await startAgent(t, folder, ['--port', '7002', '--folder', 'elsewhere']);

  const json = async (...args: string[]): Promise<unknown> => {
    const { exitCode, stdout, stderr } = await run(folder, [...args, '--json']);
    t.is(exitCode, 0, stderr);
    return JSON.parse(stdout);
  };
  t.like(await json('status'), {
    name: 'from the config',
    port: 7002,
    folder: join(folder, 'elsewhere'),
    version: '0.1.0',
    ready: true,
    reading: 0,
    peers: 1,
    files: 2,
    transfers: 0,
  });
  t.deepEqual((await json('peers')) as unknown[], (await json('pares')) as unknown[]);
  t.like(((await json('peers')) as unknown[])[0], {
    id: 'AAAAAAA-BBBBBBB',
    name: 'ana',
    address: '10.0.0.7',
    port: 6000,
    kind: 'native',
    state: 'online',
    files: 3,
  });
  t.like(((await json('find', '*.pdf')) as unknown[])[0], {
    path: 'docs/report.pdf',
    size: 1_234_567,
    mtime: '2026-11-22T14:03:05.000Z',
    hash: 'ab'.repeat(32),
    local: false,
    holders: [{ id: 'AAAAAAA-BBBBBBB', name: 'ana', state: 'online' }],
  });
  t.is((await run(folder, ['resume'])).stdout, 'Nothing is held up any more.');
  t.is(((await json('ls')) as unknown[]).length, 2);
  t.is(((await json('ls', 'local*')) as unknown[]).length, 1);
  t.like(((await json('get', '*.pdf', '--wait', '--from', 'ana')) as unknown[])[0], {
    id: 'd1',
    path: 'docs/report.pdf',
    state: 'done',
    from: ['ana'],
    error: null,
  });
  t.deepEqual(await json('get', 'local.txt', '--wait'), []);
  t.like(((await json('queue')) as unknown[])[0], { id: 'd1', state: 'done', rate: 1000 });
  t.deepEqual(await json('pause', 'd1'), []);
  t.deepEqual(await json('cancel'), []);
  t.regex((await run(folder, ['pause'])).stdout, /^There is nothing to pause: /);
  t.regex((await run(folder, ['cancel', 'd1'])).stdout, /^There is nothing to cancel: /);
  t.deepEqual(await json('resolve', 'notes.txt', 'theirs'), { path: 'notes.txt', kept: 'theirs' });
  t.deepEqual(await json('resolver', 'notes.txt', 'nuestro'), { path: 'notes.txt', kept: 'ours' });
  t.deepEqual(await json('resolve', CONFLICT_COPY, 'ours'), { path: 'notes.txt', kept: 'ours' });
  t.deepEqual(await json('restore', 't1'), { id: 't1', path: 'old.txt' });
  t.deepEqual(await json('restore', 'old.txt'), { id: 't1', path: 'old.txt' });
  t.deepEqual(await json('check'), { files: 2, bytes: 1024, corrupt: [] });
  t.like(((await json('rules', 'test')) as unknown[])[0], { action: 'fetch', path: 'docs/report.pdf' });

  const failed = await run(folder, ['get', 'name.txt', '--wait']);
  t.is(failed.exitCode, 1);
  t.is(
    failed.stdout,
    '✗ évil␛[31m␊name.txt: No device that is online has évil␛[31m␊name.txt. It will be tried again when one appears.',
  );
  const missing = await run(folder, ['get', 'nothing-like-it']);
  t.is(missing.exitCode, 1);
  t.regex(missing.stderr, /^There is no file "nothing-like-it"/);

  for (const args of [
    ['status'],
    ['peers'],
    ['ls'],
    ['find', ''],
    ['queue'],
    ['conflicts'],
    ['trash'],
    ['check'],
  ]) {
    const { stdout, exitCode } = await run(folder, args);
    t.is(exitCode, 0);
    t.notRegex(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u, args.join(' '));
  }

  const parent = await temporaryFolder(t);
  await mkdir(join(parent, 'other'));
  const config = join(folder, 'config.yaml');
  t.is((await run(parent, ['--config', config, 'peers'])).exitCode, 0);
  t.is((await run(parent, ['peers', '--config', config])).exitCode, 0);
  t.is((await run(parent, ['peers'])).exitCode, 3);

  const stopped = await run(folder, ['stop']);
  t.is(stopped.stdout, 'The agent has stopped.');
  t.is((await agent).exitCode, 0);
  t.is((await run(folder, ['status'])).exitCode, 3);
});

test('a command reaches the agent of its own config only, by whatever path that is named', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a.yaml'), 'name: a\n');
  await writeFile(join(folder, 'b.yaml'), 'name: b\n');
  await symlink('a.yaml', join(folder, 'link.yaml'));
  await symlink(folder, `${folder}-link`);
  t.teardown(() => rm(`${folder}-link`));
  const { agent } = await startAgent(t, folder, ['--config', 'a.yaml']);
  for (const command of ['status', 'stop']) {
    const { exitCode, stdout, stderr } = await run(folder, ['--config', 'b.yaml', command]);
    t.is(exitCode, 3);
    t.is(stdout, '');
    t.true(stderr.startsWith(`No agent is running for ${join(folder, 'b.yaml')}: `), stderr);
    t.true(stderr.includes(join(folder, 'a.yaml')), stderr);
  }
  t.is((await run(folder, ['status'])).exitCode, 3);
  for (const same of ['./a.yaml', 'link.yaml', `${folder}-link/a.yaml`]) {
    t.regex((await run(folder, ['--config', same, 'status'])).stdout, /^Name +a$/m, same);
  }
  t.is((await run(folder, ['--config', 'link.yaml', 'stop'])).exitCode, 0);
  t.is((await agent).exitCode, 0);
});

test('no shell is needed to share a folder in the home folder', async (t) => {
  const folder = await temporaryFolder(t);
  await startAgent(t, folder, ['--folder=~/shared'], { HOME: join(folder, 'home') });
  t.like(JSON.parse((await run(folder, ['status', '--json'])).stdout), {
    folder: join(folder, 'home', 'shared'),
  });
});

test('a signal stops the agent in order', async (t) => {
  const folder = await temporaryFolder(t);
  const { agent } = await startAgent(t, folder);
  agent.kill('SIGTERM');
  t.is((await agent).exitCode, 0);
  const log = await readFile(join(folder, '.compartidos', 'log', 'agent.log'), 'utf8');
  t.regex(log, /"event":"config\.reloaded"/);
  t.is((await run(folder, ['status'])).exitCode, 3);
});

test('a signal ends a command that waits, which says that the agent goes on', async (t) => {
  const folder = await temporaryFolder(t);
  await startAgent(t, folder);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const waiting = execa(SHIPPED_PROGRAM, ['get', '*.pdf', '--wait', '--from', 'luis'], {
      cwd: folder,
      env: { LC_ALL: 'C.UTF-8' },
      reject: false,
    });
    t.teardown(() => waiting.kill('SIGKILL'));
    const count = signal === 'SIGINT' ? 1 : 2;
    while ((JSON.parse((await run(folder, ['queue', '--json'])).stdout) as unknown[]).length < count);
    waiting.kill(signal);
    const ended = await waiting;
    t.is(ended.signal, signal);
    t.is(ended.stderr, 'The agent goes on downloading; "npx compartidos queue" shows how far it is.');
  }
});

test('a command that waits says that the agent has stopped', async (t) => {
  const folder = await temporaryFolder(t);
  await startAgent(t, folder);
  const waiting = run(folder, ['get', '*.pdf', '--wait', '--from', 'luis']);
  t.teardown(() => waiting.kill('SIGKILL'));
  while ((await run(folder, ['queue', '--json'])).stdout === '[]');
  t.is((await run(folder, ['stop'])).exitCode, 0);
  const { exitCode, stderr } = await waiting;
  t.is(exitCode, 3);
  t.is(
    stderr,
    `The agent for ${join(folder, '.compartidos')} has stopped. What was under way goes on when it is started again.`,
  );
});

test('what cannot be written is a failure', async (t) => {
  const folder = await temporaryFolder(t);
  const full = { cwd: folder, env: { LC_ALL: 'C.UTF-8' }, reject: false } as const;
  for (const args of [['--help'], ['config', 'check'], ['config', 'check', '--json']]) {
    const command = `"${process.execPath}" "${PROGRAM}" ${args.join(' ')} > /dev/full`;
    const { exitCode, stderr } = await execa('bash', ['-c', command], full);
    t.is(exitCode, 1, args.join(' '));
    t.regex(stderr, /Not all of the answer could be written \(the disk is full\)/);
  }
});

test('an agent that cannot start says why', async (t) => {
  const { exitCode, stderr } = await run(await temporaryFolder(t), ['--port', '1', '--no-prompt']);
  t.is(exitCode, 1);
  t.regex(stderr, /^Port 1 is already in use/);
});

test('config check says all that is wrong, with line and column', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = await run(folder, ['config', 'check']);
  t.is(missing.exitCode, 0);
  t.is(missing.stdout, `There is no file ${join(folder, 'config.yaml')}: everything has its default.`);
  await writeFile(join(folder, 'config.yaml'), '');
  t.regex((await run(folder, ['config', 'check'])).stdout, /config\.yaml is fine\.$/);
  await writeFile(join(folder, 'config.yaml'), 'prot: 1\nlimits:\n  down: fast\n');
  const { exitCode, stderr } = await run(folder, ['config', 'check']);
  t.is(exitCode, 2);
  t.regex(stderr, /config\.yaml, line 1, column 1: "prot" is not a known key\. Did you mean "port"\?/);
  t.regex(stderr, /line 3, column 9: "limits\.down" must be a speed[^"]*, but is "fast"/);
  const json = await run(folder, ['config', 'check', '--json']);
  t.like(JSON.parse(json.stdout), { valid: false, problems: [{ line: 1, nearest: 'port' }, { line: 3 }] });
  const start = await run(folder, ['--no-prompt', '--json']);
  t.is(start.exitCode, 2);
  t.like(JSON.parse(start.stderr), { error: { code: 'CONFIG_INVALID', params: { line: 1, column: 1 } } });
});

test('an agent is reached although its config has gone since it was started', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'other.yaml');
  await writeFile(config, '');
  await startAgent(t, folder, ['--config', config]);
  await rm(config);
  t.is((await run(folder, ['--config', config, 'stop'])).exitCode, 0);
});

test('a named pipe for a config is refused at once', async (t) => {
  const folder = await temporaryFolder(t);
  await execa('mkfifo', [join(folder, 'pipe')]);
  const { exitCode, stderr } = await run(folder, ['config', 'check', '--config', 'pipe']);
  t.is(exitCode, 2);
  t.regex(stderr, /pipe cannot be read/);
});

test('a reader that goes away is no error', async (t) => {
  const folder = await temporaryFolder(t);
  const { exitCode, stderr } = await execa(
    'bash',
    ['-c', `set -o pipefail; "${process.execPath}" "${PROGRAM}" --help | true`],
    { cwd: folder, reject: false },
  );
  t.is(stderr, '');
  t.is(exitCode, 0);
});
