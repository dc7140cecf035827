import type { ExecutionContext } from 'ava';
import { translate } from '../../src/language/translate.ts';
import { DiscoveryAgent } from '../support/discovery-agent.ts';
import { labTest } from '../support/lab-test.ts';
import { Lab, type LabOptions } from '../support/lab.ts';

const FLOOD = new URL('../fixtures/multicast-flood.js', import.meta.url).pathname;

async function lab(t: ExecutionContext, options: LabOptions): Promise<Lab> {
  const made = await Lab.create(options);
  t.teardown(() => made.destroy());
  return made;
}

/** Both have a session with the other. */
async function meet(a: DiscoveryAgent, b: DiscoveryAgent): Promise<void> {
  await Promise.all([a.connected(b), b.connected(a)]);
}

labTest('three agents find each other, and one that leaves is noticed', async (t) => {
  const { hosts } = await lab(t, { hosts: ['a', 'b', 'c'] });
  const agents = await Promise.all(hosts.map((host) => DiscoveryAgent.start(host)));
  const [a, b, c] = agents as [DiscoveryAgent, DiscoveryAgent, DiscoveryAgent];
  await Promise.all([meet(a, b), meet(b, c), meet(a, c)]);
  c.process.kill('SIGTERM');
  t.is(await c.process.exited, 0);
  await Promise.all([a.disconnected(c), b.disconnected(c)]);
});

labTest('two agents on one host find each other', async (t) => {
  const { hosts } = await lab(t, { hosts: ['a'] });
  const a = await DiscoveryAgent.start(hosts[0]!, { name: 'one' });
  const b = await DiscoveryAgent.start(hosts[0]!, { name: 'two', port: 6001 });
  await meet(a, b);
  t.pass();
});

labTest('a network without IPv4 is enough', async (t) => {
  const { hosts } = await lab(t, { hosts: ['a', 'b'], ipv4: false });
  const [a, b] = await Promise.all(hosts.map((host) => DiscoveryAgent.start(host)));
  await meet(a!, b!);
  t.pass();
});

labTest('a network without IPv6 is enough', async (t) => {
  const { hosts } = await lab(t, { hosts: ['a', 'b'], ipv6: false });
  const [a, b] = await Promise.all(hosts.map((host) => DiscoveryAgent.start(host)));
  await meet(a!, b!);
  t.pass();
});

labTest('an agent that started without a network finds the others when it comes up', async (t) => {
  const made = await lab(t, { hosts: ['a'] });
  const late = await made.addHost('late', { connected: false });
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(late);
  await late.addNic();
  await meet(a, b);
  t.pass();
});

labTest('a changed address is found while the old connection still seems to live', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'], ipv6: false });
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(made.host('b'));
  await meet(a, b);
  await made.host('b').changeAddress('10.77.1.99');
  await a.process.line((line) => line.includes('peer.reached') && line.includes('10.77.1.99'));
  t.is(a.count('peer.disconnected', { device: b.device }), 0);
});

labTest('a card that is taken out and put in again hears newcomers', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'], ipv6: false });
  const b = await DiscoveryAgent.start(made.host('b'));
  await made.host('b').recreateNic();
  const a = await DiscoveryAgent.start(made.host('a'));
  await meet(a, b);
  await b.event('candidate', { device: a.device });
  t.pass();
});

labTest('a link that was cut is taken up again', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'] });
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(made.host('b'));
  await meet(a, b);
  for (const how of ['cable', 'switch'] as const) {
    const from = a.mark;
    await made.host('b').cut(how);
    await a.disconnected(b, from);
    await made.host('b').restore();
    await a.connected(b, from);
  }
  t.pass();
});

labTest('a socket that has gone deaf is replaced', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'], ipv6: false });
  const b = await DiscoveryAgent.start(made.host('b'));
  await made.host('b').drop(100);
  const { text } = await b.event('mdns.failed');
  const { reason } = JSON.parse(text) as { reason: string };
  for (const [language, said] of [
    ['en', /firewall .*UDP port 5353/],
    ['es', /cortafuegos .*puerto UDP 5353/],
  ] as const) {
    t.regex(translate(language, 'mdns.failed', { interface: 'eth0', family: 'ipv4', reason }), said);
  }
  await made.host('b').drop(0);
  const a = await DiscoveryAgent.start(made.host('a'));
  await meet(a, b);
  t.pass();
});

labTest('a port that another program holds does no harm and is taken when it is free', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'], ipv6: false });
  const hold = "require('dgram').createSocket('udp4').bind(5353, () => console.log('held'))";
  const holder = made.host('b').spawn(process.execPath, ['-e', hold]);
  await holder.line((line) => line === 'held');
  const b = await DiscoveryAgent.start(made.host('b'));
  const { text } = await b.event('mdns.failed');
  t.true(text.includes('EADDRINUSE'));
  holder.kill();
  const a = await DiscoveryAgent.start(made.host('a'));
  await meet(a, b);
});

labTest('peers on a second card are found, and only its own addresses are announced there', async (t) => {
  const made = await lab(t, { hosts: ['a'] });
  const far = await made.addHost('far', { connected: false });
  await far.addNic({ segment: 2 });
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(far);
  await made.host('a').addNic({ name: 'eth1', segment: 2 });
  await meet(a, b);
  const { text } = await b.event('candidate', { device: a.device });
  t.false(text.includes(made.host('a').address));
  t.false(b.process.lines.some((line) => line.text.includes(made.host('a').address)));
});

labTest('the last of 27 cards is as good as the first', async (t) => {
  const made = await lab(t, { hosts: ['a'] });
  const many = await made.addHost('many', { connected: false });
  for (let number = 0; number < 26; number++) {
    await many.addNic({ name: `br-${number}`, segment: 0, address: `172.${17 + number}.0.1` });
  }
  await many.addNic();
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(many);
  await meet(a, b);
  t.pass();
});

labTest('static peers are found where multicast is not used', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b'] });
  const a = await DiscoveryAgent.start(made.host('a'), {
    mdns: false,
    peers: [{ host: made.host('b').address, port: 6000 }],
  });
  const b = await DiscoveryAgent.start(made.host('b'), { mdns: false });
  await meet(a, b);
  t.is(a.count('candidate', { device: b.device }), 0);
});

labTest('a forged goodbye ends no session', async (t) => {
  const made = await lab(t, { hosts: ['a', 'b', 'evil'] });
  const a = await DiscoveryAgent.start(made.host('a'));
  const b = await DiscoveryAgent.start(made.host('b'));
  await meet(a, b);
  const evil = made.host('evil');
  await evil.exec(process.execPath, [FLOOD, 'goodbye', evil.address, b.device]);
  const from = a.mark;
  const c = await DiscoveryAgent.start(evil);
  await a.connected(c, from);
  t.is(a.count('peer.disconnected'), 0);
});

labTest(
  'thousands of hostile datagrams and 10,000 forged services change nothing for real peers',
  async (t) => {
    const made = await lab(t, { hosts: ['a', 'b', 'evil'] });
    const a = await DiscoveryAgent.start(made.host('a'));
    const b = await DiscoveryAgent.start(made.host('b'));
    await meet(a, b);
    const evil = made.host('evil');
    const before = await a.heapUsed();
    await evil.exec(process.execPath, [FLOOD, 'fuzz', evil.address, '3000']);
    await evil.exec(process.execPath, [FLOOD, 'services', evil.address, '10000']);
    const after = await a.heapUsed();
    t.true(after - before < 4_000_000, `${after - before} bytes more on the heap`);
    t.is(a.count('peer.disconnected'), 0);
    const from = a.mark;
    const c = await DiscoveryAgent.start(evil, { name: 'newcomer' });
    await a.connected(c, from);
    t.false(a.process.ended);
    t.is(a.process.stderr, '');
  },
);
