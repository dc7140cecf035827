import { randomBytes } from 'node:crypto';
import { watch } from 'node:fs';
import { lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentProcess } from '../support/agent-process.ts';
import { Lab } from '../support/lab.ts';
import { processMemory } from '../support/process-memory.ts';
import { cpuSeconds } from './compare/costs.ts';
import { memoryFolder, removeMemoryFolder } from './memory-folder.ts';
import { percentile } from './percentile.ts';

/**
 * How an agent feels: how soon a small file is at the other side, how soon it is ready again after a restart, and what
 * it costs when nothing happens. Two agents in namespaces, data in memory. Ends with exit code 1 when it costs too
 * much.
 */
const FILES = 10_000;
const SMALL_FILES = 40;
/** Seconds without activity before one that does nothing is measured: whatever follows a start is over by then. */
const REST_SECONDS = 30;
const IDLE_SECONDS = 60;
/** Percent of a core, and bytes resident. */
const IDLE_LIMITS = { share: 0.3, memory: 120e6 };

const isReady = (agent: AgentProcess, peers: number) =>
  agent.until(
    async () => {
      const status = await agent.api.status();
      return (status.ready && status.peers === peers) || undefined;
    },
    'ready',
    300_000,
  );

/** Resolves when `name` is in `folder`: placing is a rename, so that it is there whole or not at all. */
async function appeared(folder: string, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(folder, () => void look());
    const look = async () => {
      if (!(await lstat(join(folder, name)).catch(() => undefined))) return;
      watcher.close();
      resolve();
    };
    void look();
  });
}

async function measureSmallFiles(root: string, from: AgentProcess, to: AgentProcess): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < SMALL_FILES; index += 1) {
    const name = `small ${index}`;
    await writeFile(join(root, name), randomBytes(64 * 1024));
    const there = appeared(to.shared(), name);
    const started = performance.now();
    await rename(join(root, name), from.shared(name));
    await there;
    times.push(performance.now() - started);
    await pause(50 + Math.random() * 100);
  }
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  console.log(
    `64 KiB file appears → is there: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms of ${SMALL_FILES}`,
  );
}

async function measureIdle({ process: { pid } }: AgentProcess, files: number): Promise<void> {
  await pause(REST_SECONDS * 1000);
  const cpu = cpuSeconds(pid);
  await pause(IDLE_SECONDS * 1000);
  const share = ((cpuSeconds(pid) - cpu) / IDLE_SECONDS) * 100;
  const memory = processMemory(pid, 'resident');
  const isTooMuch = share > IDLE_LIMITS.share || memory > IDLE_LIMITS.memory;
  if (isTooMuch) process.exitCode = 1;
  console.log(
    `idle, ${files} files, 1 peer: ${share.toFixed(2)} % of a core (at most ${IDLE_LIMITS.share}), ` +
      `${(memory / 1e6).toFixed(0)} MB (at most ${IDLE_LIMITS.memory / 1e6})${isTooMuch ? ': too much' : ''}; ` +
      `${(processMemory(pid, 'peak') / 1e6).toFixed(0)} MB at its peak, while it started`,
  );
}

async function main(): Promise<void> {
  const impossible = Lab.available();
  if (impossible !== undefined) {
    console.log(`not measured: ${impossible}`);
    return;
  }
  const root = await memoryFolder();
  const lab = await Lab.create({ hosts: ['one', 'two'] });
  const agents: AgentProcess[] = [];
  const start = async (name: string, config: string) => {
    const agent = await AgentProcess.start({
      home: join(root, name),
      config: `name: ${name}\n${config}`,
      host: lab.host(name),
    });
    agents.push(agent);
    return agent;
  };
  try {
    const one = await start('one', '');
    const two = await start('two', "rules: [{ match: 'small *' }]\n");
    await Promise.all([isReady(one, 1), isReady(two, 1)]);
    await measureSmallFiles(root, one, two);
    await one.stop();

    for (let index = 0; index < FILES; index += 1) {
      const folder = one.shared(`folder ${index % 100}`);
      if (index < 100) await mkdir(folder);
      await writeFile(join(folder, `file ${index}`), randomBytes(1024));
    }
    const first = await start('one', '');
    await isReady(first, 1);
    await first.stop();
    const before = performance.now();
    const again = await start('one', '');
    await isReady(again, 1);
    const { files } = await again.api.status();
    console.log(
      `restart with ${files} files unchanged: ready and connected after ${(performance.now() - before).toFixed(0)} ms`,
    );

    await measureIdle(again, files);
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()));
    await lab.destroy();
    await removeMemoryFolder(root);
  }
}

await main();
