import { execFile } from 'node:child_process';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DownloadView } from '../../src/agent-api.ts';
import { AgentLab } from '../support/agent-lab.ts';
import { PROGRAM, type AgentProcess } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';
import { sameBytes } from '../support/real-files.ts';
import { seededBytes } from '../support/seeded-bytes.ts';
import { SmallDisk } from '../support/small-disk.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const DISK = 64 * MIB;

labTest('downloads wait for room on the disk, say so, and go on by themselves', async (t) => {
  const lab = await AgentLab.create(t, ['ana', 'luis', 'eva', 'nina']);
  const ana = await lab.start('ana');
  const files = { 'a.bin': 24, 'b.bin': 24, 'c.bin': 24, 'd.bin': 40 };
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(lab.folder, name), seededBytes(name, size * MIB));
    await rename(join(lab.folder, name), ana.shared(name));
  }
  const sees = async (agent: AgentProcess) =>
    agent.until(
      async () => (await agent.api.find('*.bin')).filter(({ hash }) => hash).length === 4 || undefined,
      `what Ana has, at ${agent.home}`,
    );
  const paused = (agent: AgentProcess) =>
    agent.until(
      async () => (await queue(agent)).find(({ state }) => state === 'paused'),
      `a download that waits at ${agent.home}`,
    );
  const done = (agent: AgentProcess, count: number) =>
    agent.until(async () => {
      return (await queue(agent)).filter(({ state }) => state === 'done').length === count || undefined;
    }, `downloads of ${agent.home}`);
  const same = async (agent: AgentProcess, name: string) =>
    t.true(await sameBytes(ana.shared(name), agent.shared(name)), `${name} at ${agent.home}`);

  const moreThanFits = async () => {
    await SmallDisk.mount(t, join(lab.home('luis'), 'compartidos'), DISK);
    const luis = await lab.start('luis', 'min_free: 4 MB\n');
    await sees(luis);
    await luis.api.get([{ path: 'a.bin' }, { path: 'b.bin' }, { path: 'c.bin' }]);
    const waiting = await paused(luis);
    t.like(waiting, { error: { code: 'DISK_FULL', params: { path: waiting.path } } });
    await done(luis, 2);
    const others = ['a.bin', 'b.bin', 'c.bin'].filter((name) => name !== waiting.path);
    t.deepEqual(await visible(luis), others);
    for (const name of others) await same(luis, name);
    await rm(luis.shared(others[0]!));
    await done(luis, 3);
    await same(luis, waiting.path);
    t.deepEqual(
      (await queue(luis)).filter(({ error }) => error),
      [],
    );
  };

  const filledByOthers = async (name: string, folder: string) => {
    const disk = await SmallDisk.mount(t, folder, DISK);
    const agent = await lab.start(name, 'min_free: 1 MB\nlimits: { down: 16 MB/s }\n');
    await sees(agent);
    await agent.api.get([{ path: 'd.bin' }]);
    await agent.until(
      async () => (await agent.api.queue()).some(({ bytes }) => bytes > 4 * MIB) || undefined,
      'the first bytes',
    );
    await disk.fill();
    const waiting = await paused(agent);
    t.like(waiting, { path: 'd.bin', error: { code: 'DISK_FULL', params: { reason: 'ENOSPC' } } });
    t.deepEqual(await visible(agent), []);
    t.like((await agent.api.status()).problems, [{ event: 'error.DISK_FULL' }]);
    await disk.empty();
    await done(agent, 1);
    await same(agent, 'd.bin');
    t.deepEqual((await agent.api.status()).problems, []);
  };

  await Promise.all([
    moreThanFits(),
    filledByOthers('eva', join(lab.home('eva'), 'compartidos')),
    filledByOthers('nina', lab.home('nina')),
  ]);
});

/** What the command prints for programs. */
async function queue(agent: AgentProcess): Promise<DownloadView[]> {
  const args = [PROGRAM, 'queue', '--json', '--config', join(agent.home, 'config.yaml')];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as DownloadView[];
}

/** What stands in the shared folder, without what begins with a dot. */
async function visible(agent: AgentProcess): Promise<string[]> {
  return (await readdir(agent.shared())).filter((name) => !name.startsWith('.')).sort();
}
