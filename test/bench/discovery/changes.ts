import type { Lab } from '../../support/lab.ts';
import type { WatchedAgent } from '../../support/watched-agent.ts';
import { inLab, met } from './finding.ts';
import { summary, type Gate, type Measured, type StartAgent } from './gate.ts';

/** Does `once` in new labs with the agents a and b in session, `times` times; the worst counts. */
async function worst(
  times: number,
  start: StartAgent,
  once: (lab: Lab, a: WatchedAgent, b: WatchedAgent) => Promise<number>,
  options: { readonly ipv6?: boolean } = {},
): Promise<Measured> {
  const values: number[] = [];
  for (let time = 0; time < times; time++) {
    await inLab({ hosts: ['a', 'b'], ...options }, async (lab) => {
      const [a, b] = [await start(lab.host('a')), await start(lab.host('b'))];
      await met(a, b);
      values.push(await once(lab, a, b));
    });
  }
  return { value: Math.max(...values), note: summary(values) };
}

/** ms from `cut` to the other's noticing. */
async function untilLost(a: WatchedAgent, b: WatchedAgent, cut: () => Promise<void> | void): Promise<number> {
  const from = a.mark;
  const began = performance.now();
  await cut();
  return (await a.disconnected(b, from)).at - began;
}

/** How soon it shows that a peer is lost, and how soon it is found again when its network has changed. */
export const changeGates: readonly Gate[] = [
  {
    id: 'killed',
    title: 'SIGKILL of a peer is noticed (worst of 5)',
    limit: 1000,
    unit: 'ms',
    measure: (start) => worst(5, start, (_, a, b) => untilLost(a, b, () => b.process.kill('SIGKILL'))),
  },
  {
    id: 'cable',
    title: 'a pulled cable is noticed at the far end (worst of 3)',
    limit: 5000,
    unit: 'ms',
    measure: (start) => worst(3, start, (lab, a, b) => untilLost(a, b, () => lab.host('b').cut('cable'))),
  },
  {
    id: 'switch',
    title: 'a link cut inside the network, which no interface shows, is noticed (worst of 3)',
    limit: 5000,
    unit: 'ms',
    measure: (start) => worst(3, start, (lab, a, b) => untilLost(a, b, () => lab.host('b').cut('switch'))),
  },
  {
    id: 'address',
    title: 'a peer is reached at its changed address (worst of 3)',
    limit: 4000,
    unit: 'ms',
    measure: (start) =>
      worst(
        3,
        start,
        async (lab, a) => {
          const began = performance.now();
          await lab.host('b').changeAddress('10.77.1.99');
          const reached = (text: string): boolean =>
            /peer\.(reached|connected)/.test(text) && text.includes('10.77.1.99');
          return (await a.log.line(reached, { timeoutMs: 60_000, what: 'the new address' })).at - began;
        },
        { ipv6: false },
      ),
  },
  {
    id: 'second',
    title: 'a peer on a second NIC is found after it was plugged in (worst of 3)',
    limit: 4000,
    unit: 'ms',
    measure: (start) =>
      worst(3, start, async (lab, a) => {
        const far = await lab.addHost('far', { connected: false });
        await far.addNic({ segment: 2 });
        const there = await start(far);
        const began = performance.now();
        await lab.host('a').addNic({ name: 'eth1', segment: 2 });
        return (await met(a, there)) - began;
      }),
  },
  {
    id: 'recreated',
    title: 'a newcomer is found over a NIC that was recreated with name, MAC and address (worst of 3)',
    limit: 4000,
    unit: 'ms',
    measure: (start) =>
      worst(3, start, async (lab, _, b) => {
        const began = performance.now();
        await lab.host('b').recreateNic();
        const newcomer = await start(await lab.addHost('c'));
        return (await met(newcomer, b)) - began;
      }),
  },
];
