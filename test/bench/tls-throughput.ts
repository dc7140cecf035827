import { fork } from 'node:child_process';
import { once } from 'node:events';
import { blockBuffers } from '../../src/core/buffer-pool.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { RelativePath } from '../../src/model/relative-path.ts';
import { openAccess } from '../../src/security/access-policy.ts';
import type { PeerSession } from '../../src/transport/network.ts';
import { Sessions } from '../../src/transport/sessions.ts';
import { testIdentity } from '../support/test-identity.ts';

/**
 * Moves blocks between two processes over the loopback interface, through sessions as the agent uses them, and prints
 * MB/s and CPU seconds of both. Neither side touches a disk or hashes.
 *
 *   node .build/test/bench/tls-throughput.js [TOTAL_MIB] [BLOCK_KIB] [REQUESTS_UNDER_WAY]
 */
const [totalMib = 2048, blockKib = 2048, underWay = 8] = process.argv.slice(2).map(Number);
const blockBytes = blockKib * 1024;

function createSessions(): Sessions {
  return new Sessions({
    ...{ identity: testIdentity(), name: () => 'bench', agent: 'bench', port: 0, access: openAccess },
    ...{ clock: systemClock, random: systemRandom, logger: silentLogger },
  });
}

const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

async function serve(): Promise<void> {
  const sessions = createSessions();
  const block = Buffer.alloc(blockBytes, 7);
  let before = 0;
  sessions.serveBlocks(async (_, wanted) => {
    before ||= cpuSeconds();
    return wanted.map(({ length }) => block.subarray(0, length));
  });
  await sessions.start();
  process.send?.(sessions.localPort);
  sessions.events.once('disconnected', () => {
    process.send?.(cpuSeconds() - before);
    void sessions.stop().then(() => process.disconnect());
  });
}

async function pull(): Promise<void> {
  const server = fork(process.argv[1]!, process.argv.slice(2), {
    env: { ...process.env, BENCH_SERVER: '1' },
  });
  const [port] = (await once(server, 'message')) as [number];
  const sessions = createSessions();
  await sessions.start();
  sessions.offer({ host: '127.0.0.1', port, origin: 'static' });
  const session = await new Promise<PeerSession>((resolve) => sessions.events.once('connected', resolve));
  const request = { path: 'bench' as RelativePath, content: new Uint8Array(32), hash: new Uint8Array(32) };
  const ask = async (offset: number) => {
    const [block] = await session.requestBlocks([{ ...request, offset, length: blockBytes }]);
    if (block instanceof Uint8Array) blockBuffers.give(block);
  };
  await ask(0);

  const blocks = Math.ceil((totalMib * 1024) / blockKib);
  let next = 0;
  const cpu = cpuSeconds();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: underWay }, async () => {
      while (next < blocks) {
        await ask(next++ * blockBytes);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const ownCpu = cpuSeconds() - cpu;
  const message = once(server, 'message');
  await sessions.stop();
  const [serverCpu] = (await message) as [number];
  const rate = (blocks * blockBytes) / seconds / 1e6;
  const rss = process.memoryUsage.rss() / 1e6;
  console.log(
    `${totalMib} MiB in blocks of ${blockKib} KiB: ${rate.toFixed(0)} MB/s, ${seconds.toFixed(2)} s, ` +
      `CPU ${ownCpu.toFixed(2)} s here and ${serverCpu.toFixed(2)} s there, ${rss.toFixed(0)} MB RSS here`,
  );
}

await (process.env['BENCH_SERVER'] ? serve() : pull());
