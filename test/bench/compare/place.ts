import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Lab } from '../../support/lab.ts';
import { memoryFolder, removeMemoryFolder, WarmMemory } from '../memory-folder.ts';
import type { Costs, Mover, Side } from './mover.ts';
import { expectedFiles, type Workload } from './workload.ts';

/** Lets one tool move one workload, in a new network and new folders, and checks what has arrived. */
export async function measure(mover: Mover, workload: Workload): Promise<Costs> {
  const names = Array.from({ length: workload.receivers ?? 1 }, (_, index) => `receiver-${index + 1}`);
  const root = await memoryFolder();
  const lab = await Lab.create({ hosts: ['source', ...names] });
  const folder = async (name: string): Promise<string> => {
    await mkdir(join(root, name));
    return join(root, name);
  };
  const side = async (name: string): Promise<Side> => ({ host: lab.host(name), folder: await folder(name) });
  try {
    const source = await side('source');
    const receivers: Side[] = [];
    for (const name of names) receivers.push(await side(name));
    const [scratch, staging] = [await folder('scratch'), await folder('staging')];
    const payload = join(staging, 'payload');
    if (workload.before) {
      await workload.before(staging);
      for (const each of [source, ...receivers]) execFileSync('cp', ['-a', payload, each.folder]);
    }
    await workload.make(staging);
    const expected = await expectedFiles(staging);
    execFileSync('cp', ['-a', payload, join(root, 'original')]);
    if (workload.line !== undefined) {
      const shape = ['rate', workload.line, 'burst', '256k', 'latency', '50ms'];
      await source.host.exec('tc', ['qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', ...shape]);
    }
    const isChange = workload.before !== undefined;
    const bytes = expected.reduce((sum, { size }) => sum + size, 0) * receivers.length;
    let memory: WarmMemory | undefined;
    const appear = async () => {
      memory = await WarmMemory.hold(root, bytes);
      await rename(payload, join(source.folder, 'payload'));
    };
    const costs = await mover
      .move({ source, receivers, isChange, scratch }, appear, expected)
      .finally(() => memory?.end());
    for (const receiver of receivers) {
      const { status, stdout } = spawnSync('diff', [
        '-r',
        join(root, 'original'),
        join(receiver.folder, 'payload'),
      ]);
      if (status !== 0) throw new Error(`${mover.name} has brought something else: ${String(stdout)}`);
    }
    return costs;
  } finally {
    await lab.destroy();
    await removeMemoryFolder(root);
  }
}
