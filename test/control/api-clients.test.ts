import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readAgentRecord, writeAgentRecord } from '../../src/control/agent-record.ts';
import { connectAgent } from '../../src/control/api-client.ts';
import { ApiServer } from '../../src/control/api-server.ts';
import { FakeAgent } from '../support/fake-agent.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function serve(t: ExecutionContext) {
  const stateFolder = await temporaryFolder(t);
  const api = new FakeAgent();
  const clock = new FakeClock();
  const server = new ApiServer({ api, stateFolder, configFile: join(stateFolder, 'config.yaml'), clock });
  await server.start();
  t.teardown(() => server.stop());
  return { api, clock, stateFolder };
}

/** Something that listens where an agent should, and answers each client by `answer`. */
async function impostor(t: ExecutionContext, answer: (socket: Socket) => void) {
  const stateFolder = await temporaryFolder(t);
  const socket = join(stateFolder, 'agent.sock');
  const server = createServer(answer).listen(socket);
  await once(server, 'listening');
  t.teardown(() => server.close());
  await writeAgentRecord(stateFolder, { pid: 1, socket, port: 1, config: '/other.yaml', started: '' });
  return stateFolder;
}

/** A client that says `line` and reads nothing of what it is told. */
async function silentClient(stateFolder: string, line: string): Promise<Socket> {
  const socket = connect((await readAgentRecord(stateFolder))!.socket);
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  socket.write(line);
  return socket;
}

test('a subscriber that does not read is dropped, and others are told on', async (t) => {
  const { api, stateFolder } = await serve(t);
  const silent = await silentClient(stateFolder, '{"id":1,"method":"subscribe"}\n');
  while (!api.events.has('peer')) await new Promise((resolve) => setImmediate(resolve));
  const client = await connectAgent(stateFolder);
  let told = 0;
  client.events.on('peer', () => (told += 1));
  await client.subscribe();
  const [peer] = await api.peers();
  const name = 'x'.repeat(1024 * 1024);
  for (let mib = 0; mib < 24; mib += 1) {
    api.events.emit('peer', { ...peer!, name });
    await client.status();
  }
  t.is(told, 24);
  client.close();
  await client.closed;
  // Nobody else listens: the silent one is not there any more.
  while (api.events.has('peer')) await new Promise((resolve) => setImmediate(resolve));
  silent.destroy();
  t.pass();
});

test('what a subscriber has not read yet of an answer does not count as events', async (t) => {
  const { api, stateFolder } = await serve(t);
  const [peer] = await api.peers();
  api.peers = async () => {
    setImmediate(() => api.events.emit('peer', { ...peer!, name: 'told' }));
    return [{ ...peer!, name: 'x'.repeat(24 * 1024 * 1024) }];
  };
  const client = await connectAgent(stateFolder);
  await client.subscribe();
  const told = new Promise<string>((resolve) => client.events.once('peer', ({ name }) => resolve(name)));
  t.is((await client.peers()).length, 1);
  t.is(await told, 'told');
  client.close();
});

test('whoever goes leaves neither a timer nor a listener', async (t) => {
  const { api, clock, stateFolder } = await serve(t);
  const client = await connectAgent(stateFolder);
  await client.subscribe();
  await client.subscribe();
  t.is(clock.pending, 1);
  t.true(api.events.has('download'));
  client.close();
  while (clock.pending > 0 || api.events.has('download'))
    await new Promise((resolve) => setImmediate(resolve));
  t.pass();
});

test('of too many clients the last is turned away, and has room when another goes', async (t) => {
  const { stateFolder } = await serve(t);
  const clients = await Promise.all(Array.from({ length: 64 }, () => connectAgent(stateFolder)));
  for (const client of clients) await client.status();
  const late = await connectAgent(stateFolder);
  t.is((await late.closed).code, 'AGENT_UNREACHABLE');
  clients[0]!.close();
  await clients[0]!.closed;
  for (;;) {
    const again = await connectAgent(stateFolder);
    const status = await again.status().catch(() => undefined);
    again.close();
    if (status) break;
  }
  for (const client of clients) client.close();
  t.pass();
});

test('what is no request is answered before its connection ends', async (t) => {
  const { stateFolder } = await serve(t);
  const socket = await silentClient(stateFolder, 'status\n');
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString())).resume();
  await once(socket, 'close');
  t.like(JSON.parse(heard), { id: null, error: { code: 'USAGE' } });
});

test('an agent that does not speak as one is given up', async (t) => {
  for (const said of ['SI\n', '{"id":', 'null\n']) {
    const stateFolder = await impostor(t, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(said.endsWith('\n') ? said : `${said}}\n`));
    });
    const client = await connectAgent(stateFolder, { clock: new FakeClock() });
    await t.throwsAsync(client.status(), { code: 'AGENT_UNREACHABLE' }, said);
    t.is((await client.closed).code, 'AGENT_UNREACHABLE');
  }
});

test('an agent of another configuration is let go at once', async (t) => {
  let hasLeft = () => {};
  const left = new Promise<void>((resolve) => (hasLeft = resolve));
  const stateFolder = await impostor(t, (socket) =>
    socket
      .on('error', () => {})
      .once('close', hasLeft)
      .resume(),
  );
  const configFile = join(stateFolder, 'config.yaml');
  await t.throwsAsync(connectAgent(stateFolder, { configFile }), { code: 'OTHER_CONFIG' });
  await left;
  t.pass();
});
