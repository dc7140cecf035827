import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import type { LabHost } from '../support/lab-host.ts';
import { labTest } from '../support/lab-test.ts';
import { archive, sameBytes } from '../support/real-files.ts';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
/** What may go over the line for `SIZE`: TLS, TCP and IP around it, and what was under way at the cut. */
const MOST = 1.06 * SIZE + 8 * MIB;

labTest('a download goes on where it was when its link comes back', async (t) => {
  const lab = await AgentLab.create(t, ['ana', 'luis', 'eva', 'nina']);
  const ana = await lab.start('ana');
  await archive(join(lab.folder, 'archive'), SIZE);
  await rename(join(lab.folder, 'archive'), ana.shared('copy.zip'));
  const fetch = async (name: string, cut: (host: LabHost) => Promise<void>) => {
    const host = lab.host(name);
    const agent = await lab.start(name, 'limits: { down: 32 MB/s }\n');
    await agent.until(
      async () => (await agent.api.find('copy.zip')).find(({ hash }) => hash),
      'what Ana has',
    );
    const before = await received(host);
    await agent.api.get([{ path: 'copy.zip' }]);
    await agent.until(
      async () => (await agent.api.queue()).some(({ bytes }) => bytes > SIZE / 2) || undefined,
      'half of it',
    );
    const connected = (online: boolean) =>
      agent.until(
        async () => {
          const peers = await agent.api.peers();
          return (
            peers.some((peer) => peer.name === 'ana' && (peer.state === 'online') === online) || undefined
          );
        },
        `Ana ${online ? 'back' : 'away'} at ${name}`,
      );
    await cut(host);
    await connected(false);
    t.true(
      (await agent.api.queue()).every(({ state }) => state !== 'done'),
      name,
    );
    await host.restore();
    await host.drop(0);
    await connected(true);
    await agent.until(
      async () => (await agent.api.queue()).every(({ state }) => state === 'done') || undefined,
      `all of it at ${name}`,
    );
    t.true(await sameBytes(ana.shared('copy.zip'), agent.shared('copy.zip')), name);
    const bytes = (await received(host)) - before;
    t.log(`${name} received ${(bytes / MIB).toFixed(1)} MiB for ${SIZE / MIB}`);
    t.true(bytes < MOST, `${name} received ${bytes} bytes`);
  };
  await Promise.all([
    fetch('luis', (host) => host.cut('cable')),
    fetch('eva', (host) => host.cut('switch')),
    fetch('nina', (host) => host.drop(100)),
  ]);
});

/** Bytes that have come in over the line of a host. */
async function received(host: LabHost): Promise<number> {
  return Number((await host.exec('cat', ['/sys/class/net/eth0/statistics/rx_bytes'])).stdout);
}
