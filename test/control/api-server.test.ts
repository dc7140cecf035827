import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { readAgentRecord } from '../../src/control/agent-record.ts';
import { connectAgent } from '../../src/control/api-client.ts';
import { ApiServer } from '../../src/control/api-server.ts';
import { CONFLICT_COPY, FakeAgent } from '../support/fake-agent.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function serve(t: ExecutionContext, folder?: string) {
  const stateFolder = folder ?? join(await temporaryFolder(t), '.compartidos');
  const api = new FakeAgent();
  const clock = new FakeClock();
  const configFile = join(stateFolder, '..', 'config.yaml');
  const server = new ApiServer({ api, stateFolder, configFile, clock });
  await server.start();
  t.teardown(() => server.stop());
  return { api, server, stateFolder, clock };
}

async function rawClient(stateFolder: string): Promise<Socket> {
  const record = await readAgentRecord(stateFolder);
  const socket = connect(record!.socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

test('every call reaches the agent and its answer comes back', async (t) => {
  const { api, stateFolder } = await serve(t);
  const client = await connectAgent(stateFolder);
  t.deepEqual(await client.status(), await api.status());
  t.deepEqual(await client.peers(), await api.peers());
  t.deepEqual(await client.list(), await api.list());
  t.deepEqual(await client.list('*.txt'), await api.list('*.txt'));
  t.deepEqual(await client.find('*.pdf'), await api.find('*.pdf'));
  const [download] = await client.get([{ path: 'docs/report.pdf', hash: 'ab' }], { from: 'ana' });
  t.is(download!.path, 'docs/report.pdf');
  t.deepEqual(api.calls.at(-1), ['get', [{ path: 'docs/report.pdf', hash: 'ab' }], { from: 'ana' }]);
  t.deepEqual(await client.queue(), [download]);
  t.is((await client.pause(['d1']))[0]!.state, 'paused');
  t.is((await client.resume([]))[0]!.state, 'queued');
  t.is((await client.cancel(['d1']))[0]!.state, 'cancelled');
  t.deepEqual(await client.conflicts(), await api.conflicts());
  t.is(await client.resolve(CONFLICT_COPY, 'ours'), 'notes.txt');
  t.deepEqual(await client.trash(), await api.trash());
  t.is(await client.restore('t1'), 'old.txt');
  t.deepEqual(await client.check(), await api.check());
  t.deepEqual(await client.testRules(), await api.testRules());
  await client.stop();
  t.deepEqual(api.calls.at(-1), ['stop']);
  client.close();
});

test('errors keep their code and params', async (t) => {
  const { stateFolder } = await serve(t);
  const client = await connectAgent(stateFolder);
  await t.throwsAsync(client.restore('nope'), { code: 'NOT_FOUND' });
  await t.throwsAsync(client.find('*'.repeat(5000)), { code: 'USAGE' });
  client.close();
});

test('events come after subscribing, and only then', async (t) => {
  const { api, stateFolder } = await serve(t);
  const client = await connectAgent(stateFolder);
  const seen: string[] = [];
  client.events.on('download', ({ state }) => seen.push(state));
  await client.get([{ path: 'docs/report.pdf' }]);
  api.move('d1', 'connecting');
  await client.subscribe();
  api.move('d1', 'transferring');
  api.move('d1', 'done');
  await client.queue();
  t.deepEqual(seen, ['transferring', 'done']);
  client.close();
});

test('an agent that says nothing any more is given up', async (t) => {
  const { api, stateFolder } = await serve(t);
  const clock = new FakeClock();
  const client = await connectAgent(stateFolder, { clock });
  t.true((await client.status()).ready);
  api.check = () => new Promise(() => {});
  const checking = t.throwsAsync(client.check(), { code: 'AGENT_UNREACHABLE' });
  await clock.advance(10_000);
  await checking;
  t.is((await client.closed).params['reason'], 'silent');
  t.is(clock.pending, 0);
});

test('an answer may take as long as it needs while the agent lives', async (t) => {
  const { api, stateFolder, clock } = await serve(t);
  const clientClock = new FakeClock();
  const client = await connectAgent(stateFolder, { clock: clientClock });
  const other = await connectAgent(stateFolder);
  const answer = await api.check();
  let finish = () => {};
  api.check = () => new Promise((resolve) => (finish = () => resolve(answer)));
  const checking = client.check();
  await other.status();
  for (let second = 0; second < 60; second += 1) {
    await clock.advance(1000);
    // What the agent said to both before it answered this has arrived.
    await other.status();
    await clientClock.advance(1000);
  }
  finish();
  t.deepEqual(await checking, answer);
  client.close();
  other.close();
});

test('the time in which a program is suspended itself does not count as silence', async (t) => {
  const { stateFolder } = await serve(t);
  const clock = new FakeClock();
  const client = await connectAgent(stateFolder, { clock });
  clock.skip(3_600_000);
  await clock.advance(0);
  t.true((await client.status()).ready);
  client.close();
});

test('the socket and its record are the user’s own, and gone after stop', async (t) => {
  const { server, stateFolder } = await serve(t);
  const record = await readAgentRecord(stateFolder);
  t.like(record, { pid: process.pid, port: 6000, socket: join(stateFolder, 'agent.sock') });
  t.is((await stat(record!.socket)).mode & 0o777, 0o600);
  t.is((await stat(join(stateFolder, 'agent.json'))).mode & 0o777, 0o600);
  const client = await connectAgent(stateFolder);
  t.true((await client.status()).ready);
  await server.stop();
  t.is((await client.closed).code, 'AGENT_STOPPED');
  await t.throwsAsync(client.status(), { code: 'AGENT_STOPPED' });
  await t.throwsAsync(connectAgent(stateFolder), { code: 'NO_AGENT' });
  await t.throwsAsync(readFile(join(stateFolder, 'agent.json')), { code: 'ENOENT' });
});

test('what a killed agent left behind is in nobody’s way', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(
    join(folder, 'agent.json'),
    JSON.stringify({
      pid: 1,
      socket: join(folder, 'agent.sock'),
      port: 1,
      config: '/other.yaml',
      started: '',
    }),
  );
  await writeFile(join(folder, 'agent.sock'), '');
  await t.throwsAsync(connectAgent(folder), { code: 'NO_AGENT' });
  await t.throwsAsync(connectAgent(folder, { configFile: join(folder, 'config.yaml') }), {
    code: 'NO_AGENT',
  });
  await serve(t, folder);
  const client = await connectAgent(folder);
  t.true((await client.status()).ready);
  client.close();
});

test('who may not look whether an agent runs is not told that none does', async (t) => {
  const folder = await temporaryFolder(t);
  const client = () => connectAgent(folder);
  await t.throwsAsync(client, { code: 'NO_AGENT' });
  // Root may look everywhere, but not into what leads in circles.
  await symlink('agent.json', join(folder, 'agent.json'));
  await t.throwsAsync(client, { code: 'STATE_UNWRITABLE', message: /"reason":"ELOOP"/ });
});

test('a path that is too long for a socket gets a short one that only the user can open', async (t) => {
  const folder = join(await temporaryFolder(t), 'x'.repeat(120), '.compartidos');
  await mkdir(folder, { recursive: true });
  const { server } = await serve(t, folder);
  const record = await readAgentRecord(folder);
  t.true(Buffer.byteLength(record!.socket) <= 100);
  t.is((await stat(join(record!.socket, '..'))).mode & 0o077, 0);
  const client = await connectAgent(folder);
  t.true((await client.status()).ready);
  await server.stop();
});

function setEnvironment(t: ExecutionContext, name: 'XDG_RUNTIME_DIR' | 'TMPDIR', value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.teardown(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test.serial('where the runtime folder is too long as well, another is taken', async (t) => {
  const folder = await temporaryFolder(t);
  const long = join(folder, 'x'.repeat(120));
  await mkdir(long);
  setEnvironment(t, 'XDG_RUNTIME_DIR', long);
  const { server, stateFolder } = await serve(t, long);
  const record = await readAgentRecord(stateFolder);
  t.is((await stat(record!.socket)).mode & 0o777, 0o600);
  await server.stop();
  setEnvironment(t, 'TMPDIR', long);
  const nowhere = new ApiServer({
    api: new FakeAgent(),
    stateFolder,
    configFile: join(long, 'config.yaml'),
    clock: new FakeClock(),
  });
  await t.throwsAsync(nowhere.start(), { code: 'STATE_UNWRITABLE' });
  await nowhere.stop();
});

test.serial('a short folder that others can open is refused', async (t) => {
  const runtime = await temporaryFolder(t);
  setEnvironment(t, 'XDG_RUNTIME_DIR', runtime);
  const planted = join(runtime, `compartidos-${process.getuid!()}`);
  await mkdir(planted);
  await chmod(planted, 0o777);
  const stateFolder = join(runtime, 'x'.repeat(120));
  await mkdir(stateFolder);
  const server = new ApiServer({
    api: new FakeAgent(),
    stateFolder,
    configFile: join(runtime, 'config.yaml'),
    clock: new FakeClock(),
  });
  await t.throwsAsync(server.start(), { code: 'STATE_UNWRITABLE' });
  await server.stop();
});

test('a line without end is cut off, and others are served on', async (t) => {
  const { stateFolder } = await serve(t);
  const socket = await rawClient(stateFolder);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  for (let mib = 0; mib < 3; mib += 1) socket.write('x'.repeat(1024 * 1024));
  await closed;
  const client = await connectAgent(stateFolder);
  t.true((await client.status()).ready);
  client.close();
});

test('a client that asks and asks and never reads does not fill the memory', async (t) => {
  const { api, stateFolder } = await serve(t);
  let asked = 0;
  const huge = 'x'.repeat(4 * 1024 * 1024);
  api.restore = async () => {
    asked += 1;
    return huge;
  };
  const socket = await rawClient(stateFolder);
  socket.pause();
  socket.write('{"id":1,"method":"restore","params":["t1"]}\n'.repeat(32));
  const client = await connectAgent(stateFolder);
  while (asked < 32) await client.status();
  socket.write('{"id":1,"method":"restore","params":["t1"]}\n'.repeat(1000));
  for (let round = 0; round < 50; round += 1) await client.status();
  t.is(asked, 32);
  socket.destroy();
  client.close();
});

test('no line brings the server down', async (t) => {
  const { stateFolder } = await serve(t);
  const methods = ['status', 'find', 'get', 'subscribe', 'toString', '__proto__', 'constructor', 'call', ''];
  const request = fc.record(
    {
      id: fc.oneof(fc.nat(), fc.anything()),
      method: fc.oneof(fc.constantFrom(...methods), fc.string()),
      params: fc.oneof(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.jsonValue()),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const line = fc.oneof(
    request.map((value) => stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.constantFrom('', 'null', '[]', '{}', '{"id":1}', '[[[[', '{"id":1e999,"method":"status"}'),
  );
  const lines = fc.sample(line, 12_000);
  const socketOfBatch = async (batch: readonly string[]) => {
    const socket = await rawClient(stateFolder);
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(batch.map((each) => `${each}\n`).join(''));
    await closed;
  };
  // Most lines end their connection, so that each needs one of its own to be read at all.
  for (let at = 0; at < lines.length; at += 40) {
    await Promise.all(lines.slice(at, at + 40).map((each) => socketOfBatch([each])));
  }
  const client = await connectAgent(stateFolder);
  t.true((await client.status()).ready);
  client.close();
});

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '{';
  }
}
