import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from '../../support/lab-host.ts';
import { programPath } from '../../support/programs.ts';
import { inLab, met } from './finding.ts';
import type { Gate } from './gate.ts';

const FLOOD = new URL('../../fixtures/multicast-flood.js', import.meta.url).pathname;
const CROWD = 24;
/** All start within this; after it the rounds of queries have reached their longest interval. */
const SETTLE_S = 150;
const WATCH_S = 150;
/** The heap grows to its working size first, and lazily. */
const WARM_UP_FLOODS = 3;
const FLOODS = 7;
const MDNS_PORT = 5353;

/** Counts the mDNS packets that reach `host`, whether or not anything there listens. */
async function countMdns(host: LabHost): Promise<() => Promise<number>> {
  const nft = programPath('nft') ?? 'nft';
  await host.exec(nft, [
    'add table inet count; add counter inet count mdns; ' +
      'add chain inet count pre { type filter hook prerouting priority -300; }; ' +
      `add rule inet count pre udp dport ${MDNS_PORT} counter name mdns`,
  ]);
  return async () => {
    const { stdout } = await host.exec(nft, ['list', 'counter', 'inet', 'count', 'mdns']);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
}

/** What discovery costs a network, and what a hostile network costs it. */
export const loadGates: readonly Gate[] = [
  {
    id: 'idle',
    title: `${CROWD} idle agents together, IPv4 and IPv6, over ${WATCH_S} s`,
    limit: 5,
    unit: 'packets/s',
    measure: (start) =>
      inLab(
        { hosts: ['ear', ...Array.from({ length: CROWD }, (_, number) => `n${number}`)] },
        async (lab) => {
          const packets = await countMdns(lab.host('ear'));
          const crowd = lab.hosts.filter(({ name }) => name !== 'ear');
          const agents = await Promise.all(crowd.map((host) => start(host)));
          const ready = performance.now();
          const [first, ...others] = agents;
          const meetings = await Promise.all(others.map((other) => met(first!, other)));
          const starting = await packets();
          await sleep(SETTLE_S * 1000);
          const before = await packets();
          await sleep(WATCH_S * 1000);
          const value = ((await packets()) - before) / WATCH_S;
          const all = Math.round(Math.max(0, ...meetings.map((at) => at - ready)));
          return {
            value,
            note: `the first knew all ${all} ms after they were ready; ${starting} packets until then`,
          };
        },
      ),
  },
  {
    id: 'forged',
    title: 'memory that 10,000 forged services take in the long run, real peers connected',
    limit: 3,
    unit: 'MB',
    measure: (start) =>
      inLab({ hosts: ['a', 'b', 'evil'] }, async (lab) => {
        const [a, b] = [await start(lab.host('a')), await start(lab.host('b'))];
        await met(a, b);
        const evil = lab.host('evil');
        const flood = (what: string, count: number) =>
          evil.exec(process.execPath, [FLOOD, what, evil.address, String(count)]);
        await flood('fuzz', 3000);
        const resident = [a.residentBytes / 1e6];
        for (let time = 0; time < WARM_UP_FLOODS + FLOODS; time++) {
          await flood('services', 10_000);
          resident.push(a.residentBytes / 1e6);
        }
        const lost = a.count('peer.disconnected', { name: b.name });
        await met(a, await start(evil, 'newcomer'));
        const grown = resident.at(-1)! - resident[WARM_UP_FLOODS]!;
        return {
          value: lost > 0 ? Infinity : grown / FLOODS,
          note: `resident ${resident.map((mb) => mb.toFixed()).join(' ')} MB; ${lost} sessions lost; a newcomer was found`,
        };
      }),
  },
];
