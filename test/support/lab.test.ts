import { spawnSync } from 'node:child_process';
import test from 'ava';
import { LabProcess } from './lab-process.ts';
import { labTest } from './lab-test.ts';
import { Lab } from './lab.ts';

const SERVER = `require('net').createServer((s) => s.end('hello')).listen(4000, '0.0.0.0', () => console.log('up'))`;
const client = (address: string, timeoutMs: number): string => `
  const s = require('net').connect({ host: '${address}', port: 4000 });
  s.setTimeout(${timeoutMs}, () => { console.log('timeout'); process.exit(); });
  s.on('error', (e) => { console.log(e.code); process.exit(); });
  s.on('data', (d) => { console.log(String(d)); process.exit(); });`;

async function ask(lab: Lab, address: string, timeoutMs = 5_000): Promise<string> {
  const { stdout } = await lab.host('b').exec(process.execPath, ['-e', client(address, timeoutMs)]);
  return stdout.trim();
}

const namespaces = (): string => spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout;

labTest('hosts reach each other, also after every change of the network', async (t) => {
  const lab = await Lab.create({ hosts: ['a', 'b'] });
  t.teardown(() => lab.destroy());
  const a = lab.host('a');
  const server = a.spawn(process.execPath, ['-e', SERVER]);
  await server.line((line) => line === 'up');

  t.is(a.address, '10.77.1.1');
  t.is(await ask(lab, a.address), 'hello');

  await a.cut('switch');
  t.not(await ask(lab, a.address, 500), 'hello');
  await a.restore();
  t.is(await ask(lab, a.address), 'hello');

  await a.cut('cable');
  t.not(await ask(lab, a.address, 500), 'hello');
  await a.restore();
  t.is(await ask(lab, a.address), 'hello');

  await a.changeAddress('10.77.1.99');
  t.is(await ask(lab, '10.77.1.99'), 'hello');

  await a.recreateNic();
  t.is(await ask(lab, a.address), 'hello');

  await a.drop(100);
  t.not(await ask(lab, a.address, 500), 'hello');
  await a.drop(0);
  t.is(await ask(lab, a.address), 'hello');

  await a.addNic({ name: 'eth1', segment: 2 });
  await lab.host('b').addNic({ name: 'eth1', segment: 2 });
  t.is(a.addressOf('eth1'), '10.77.2.1');
  t.is(await ask(lab, a.addressOf('eth1')), 'hello');
});

labTest('destroy ends the processes of the lab and removes its namespaces', async (t) => {
  const lab = await Lab.create({ hosts: ['a'], connected: false });
  const child = lab.host('a').spawn('sleep', ['1000']);
  t.true(namespaces().includes(lab.host('a').namespace));
  await lab.destroy();
  t.is(await child.exited, 'SIGKILL');
  t.false(namespaces().includes(lab.host('a').namespace));
  t.false(namespaces().includes(lab.switchNamespace));
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  labTest(`${signal} removes the lab`, async (t) => {
    const fixture = new URL('../fixtures/lab-and-wait.js', import.meta.url).pathname;
    const child = new LabProcess(process.execPath, [fixture]);
    const { text: namespace } = await child.line((line) => line.startsWith('cp'));
    t.true(namespaces().includes(namespace));
    child.kill(signal);
    t.is(await child.exited, signal);
    t.false(namespaces().includes(namespace));
  });
}

test('waiting for a line that never comes says what was waited for', async (t) => {
  const child = new LabProcess(process.execPath, ['-e', 'console.log("other")']);
  await t.throwsAsync(
    child.line((line) => line === 'wanted', { what: 'the wanted line' }),
    {
      message: /the wanted line: the process ended first/,
    },
  );
});
