import { setTimeout as sleep } from 'node:timers/promises';
import { Lab, type LabOptions } from '../../support/lab.ts';
import type { TimedLine } from '../../support/lab-process.ts';
import type { WatchedAgent } from '../../support/watched-agent.ts';
import { percentile } from '../percentile.ts';
import { summary, type Gate } from './gate.ts';

/** Runs `work` in a lab of its own. */
export async function inLab<Result>(
  options: LabOptions,
  work: (lab: Lab) => Promise<Result>,
): Promise<Result> {
  const lab = await Lab.create(options);
  try {
    return await work(lab);
  } finally {
    await lab.destroy();
  }
}

/** When both have a session with the other; from line `from` on of the first. */
export async function met(a: WatchedAgent, b: WatchedAgent): Promise<number> {
  const lines: TimedLine[] = await Promise.all([a.connected(b), b.connected(a)]);
  return Math.max(...lines.map(({ at }) => at));
}

/**
 * ms between two newcomers. A question is answered once a second (RFC 6762, section 6), and an address is dialled once a
 * second: who comes sooner, from where another one has just left, waits for that.
 */
const BETWEEN_NEWCOMERS_MS = 1100;

/** How long after its being ready a newcomer has a session with an agent that is there already, `times` times. ms. */
async function newcomers(
  lab: Lab,
  start: (host: ReturnType<Lab['host']>, name?: string) => Promise<WatchedAgent>,
  times: number,
): Promise<number[]> {
  const a = await start(lab.host('a'));
  const values: number[] = [];
  for (let time = 0; time < times; time++) {
    const from = a.mark;
    const b = await start(lab.host('b'), `b${time}`);
    const ready = await b.event('agent.started');
    const at = Math.max((await a.connected(b, from)).at, (await b.connected(a)).at);
    values.push(Math.max(0, at - ready.at));
    await b.stop();
    await sleep(BETWEEN_NEWCOMERS_MS);
  }
  return values;
}

/** How soon peers are found when they start, in good networks and bad ones. */
export const findingGates: readonly Gate[] = [
  {
    id: 'start',
    title: 'a newcomer and an agent that is there have verified each other (p95 of 20)',
    limit: 300,
    unit: 'ms',
    measure: (start) =>
      inLab({ hosts: ['a', 'b', 'c'] }, async (lab) => {
        await start(lab.host('c'));
        const values = await newcomers(lab, start, 20);
        return { value: percentile(values, 0.95), note: summary(values) };
      }),
  },
  {
    id: 'ipv6',
    title: 'the same on a network without IPv4 (worst of 5)',
    limit: 2000,
    unit: 'ms',
    measure: (start) =>
      inLab({ hosts: ['a', 'b'], ipv4: false }, async (lab) => {
        const values = await newcomers(lab, start, 5);
        return { value: Math.max(...values), note: summary(values) };
      }),
  },
  {
    id: 'loss',
    title: 'the same with 30 % of the packets dropped at both (worst of 20)',
    limit: 5000,
    unit: 'ms',
    measure: (start) =>
      inLab({ hosts: ['a', 'b'] }, async (lab) => {
        for (const host of lab.hosts) await host.drop(30);
        const values = await newcomers(lab, start, 20);
        return { value: Math.max(...values), note: summary(values) };
      }),
  },
  {
    id: 'late',
    title: 'started without a network, found after its coming up (worst of 3)',
    limit: 4000,
    unit: 'ms',
    measure: async (start) => {
      const values: number[] = [];
      for (let time = 0; time < 3; time++) {
        await inLab({ hosts: ['a'] }, async (lab) => {
          const late = await lab.addHost('late', { connected: false });
          const [a, b] = [await start(lab.host('a')), await start(late)];
          const began = performance.now();
          await late.addNic();
          values.push((await met(a, b)) - began);
        });
      }
      return { value: Math.max(...values), note: summary(values) };
    },
  },
  {
    id: 'interfaces',
    title: '27 interfaces, the one to the network last (worst of 3)',
    limit: 4000,
    unit: 'ms',
    measure: (start) =>
      inLab({ hosts: ['a'] }, async (lab) => {
        const many = await lab.addHost('many', { connected: false });
        for (let number = 0; number < 26; number++) {
          await many.addNic({ name: `br-${number}`, segment: 0, address: `172.${17 + number}.0.1` });
        }
        await many.addNic();
        const a = await start(lab.host('a'));
        const values: number[] = [];
        for (let time = 0; time < 3; time++) {
          const b = await start(many, `many${time}`);
          values.push(Math.max(0, (await met(a, b)) - (await b.event('agent.started')).at));
          await b.stop();
        }
        return { value: Math.max(...values), note: summary(values) };
      }),
  },
];
