import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { Lab } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

const NODE = fileURLToPath(new URL('../fixtures/session-node.js', import.meta.url));

/** Two hosts of a lab, each with sessions that know nothing of the other. */
async function twoNodes(t: ExecutionContext) {
  const lab = await Lab.create({ hosts: ['a', 'b'], ipv6: false });
  t.teardown(() => lab.destroy());
  const start = async (name: string) => {
    const host = lab.host(name);
    const node = host.spawn(process.execPath, [NODE]);
    await node.line((text) => text === 'ready');
    return { host, node, address: host.addressOf('eth0') };
  };
  return { a: await start('a'), b: await start('b') };
}

const isConnected = (text: string) => text.startsWith('connected');
const isOver = (text: string) => text.startsWith('disconnected');

labTest('a session comes about although every third packet is lost', async (t) => {
  const { a, b } = await twoNodes(t);
  await a.host.drop(30);
  await b.host.drop(30);
  const began = performance.now();
  a.node.write(`dial ${b.address}\n`);
  b.node.write(`dial ${a.address}\n`);
  const lines = await Promise.all([a.node.line(isConnected), b.node.line(isConnected)]);
  t.log(`${lines.map(({ at }) => Math.round(at - began)).join(' and ')} ms`);
  t.pass();
});

labTest('a link that is cut without a sign ends the session, and it comes back with the link', async (t) => {
  const { a, b } = await twoNodes(t);
  a.node.write(`dial ${b.address}\n`);
  await Promise.all([a.node.line(isConnected), b.node.line(isConnected)]);
  const began = performance.now();
  await a.host.cut('switch');
  const ends = await Promise.all([a.node.line(isOver), b.node.line(isOver)]);
  t.log(`noticed after ${ends.map(({ at }) => Math.round(at - began)).join(' and ')} ms`);
  t.true(ends.every(({ text }) => text.endsWith('silent')));
  const from = a.node.lines.length;
  await a.host.restore();
  await a.node.line(isConnected, { from });
  t.pass();
});

labTest('a device that changes its address has its session again at once', async (t) => {
  const { a, b } = await twoNodes(t);
  a.node.write(`dial ${b.address}\n`);
  await Promise.all([a.node.line(isConnected), b.node.line(isConnected)]);
  for (const [mover, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const from = [mover.node.lines.length, other.node.lines.length];
    const address = mover.address.replace(/\d+$/, (last) => String(Number(last) + 100));
    const began = performance.now();
    await mover.host.changeAddress(address);
    mover.node.write('changed\n');
    mover.node.write(`dial ${other.host.addressOf('eth0')}\n`);
    const lines = await Promise.all([
      mover.node.line(isConnected, { from: from[0]! }),
      other.node.line((text) => text === `connected ${address}`, { from: from[1]! }),
    ]);
    t.log(`${lines.map(({ at }) => Math.round(at - began)).join(' and ')} ms`);
  }
  t.pass();
});
