import { open, readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from '../support/agent-lab.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { labTest } from '../support/lab-test.ts';
import { digest, PlacedFiles } from '../support/placed-files.ts';
import { seededBytes } from '../support/seeded-bytes.ts';

const MIB = 1024 * 1024;
const SIZE = 24 * MIB;
/** The last of them when the file has arrived, the others while it is on its way. */
const CHANGES = 4;

/** What people and programs do to a file. Each returns its new content. */
const WAYS: Readonly<Record<string, (path: string, before: Buffer, seed: string) => Promise<Buffer>>> = {
  'overwritten in place': async (path, before, seed) => {
    const after = seededBytes(seed, before.length);
    const file = await open(path, 'r+');
    await file.write(after, 0, after.length, 0);
    await file.close();
    return after;
  },
  'overwritten in part': async (path, before, seed) => {
    const part = seededBytes(seed, 3 * MIB);
    const file = await open(path, 'r+');
    await file.write(part, 0, part.length, before.length - 4 * MIB);
    await file.close();
    const after = Buffer.from(before);
    part.copy(after, before.length - 4 * MIB);
    return after;
  },
  'cut short': async (path, before) => {
    const length = before.length - 4 * MIB - 12_345;
    await truncate(path, length);
    return before.subarray(0, length);
  },
  'replaced by rename': async (path, before, seed) => {
    const after = seededBytes(seed, before.length + MIB);
    const temporary = join(path, '..', '..', 'replacement');
    await writeFile(temporary, after);
    await rename(temporary, path);
    return after;
  },
};

labTest(
  'a file that changes while it is sent arrives as it was at some time, and at last as it is',
  async (t) => {
    const lab = await AgentLab.create(t, ['ana', 'luis']);
    const ana = await lab.start('ana');
    const luis = await lab.start('luis', "rules: [{ match: '**' }]\nlimits: { down: 32 MB/s }\n");
    const versions = new Map<string, Set<string>>();
    const placed = new PlacedFiles(luis.shared(), versions);
    t.teardown(() => placed.close());

    const last = await Promise.all(
      Object.entries(WAYS).map(async ([name, change]) => {
        let content = seededBytes(name, SIZE);
        const allowed = new Set([digest(content)]);
        versions.set(name, allowed);
        await writeFile(join(lab.folder, name), content);
        await rename(join(lab.folder, name), ana.shared(name));
        let hash = await newHash(ana, name, null);
        for (let round = 1; round <= CHANGES; round += 1) {
          if (round < CHANGES) await onItsWay(luis, name);
          else await arrived(luis, name, hash);
          content = await change(ana.shared(name), content, `${name} ${round}`);
          allowed.add(digest(content));
          hash = await newHash(ana, name, hash);
        }
        await arrived(luis, name, hash);
        return [name, content] as const;
      }),
    );
    await luis.until(async () => (await luis.api.status()).transfers === 0 || undefined, 'rest');
    await placed.lookAtAll();
    t.deepEqual(placed.wrong, []);
    for (const [name, content] of last) {
      const there = await open(luis.shared(name));
      t.true(content.equals(await there.readFile()), name);
      await there.close();
    }
    t.deepEqual((await readdir(luis.shared())).sort(), ['.compartidos', ...Object.keys(WAYS)].sort());
    t.deepEqual(await readdir(luis.shared('.compartidos', 'incoming')), []);
    t.deepEqual(await luis.api.conflicts(), []);
    const discarded = (await luis.api.trash()).map(({ path }) => path);
    for (const name of Object.keys(WAYS)) t.true(discarded.includes(name), `${name}: what was replaced`);
    t.log(`${placed.looks} looks at files in place, ${discarded.length} older versions in the trash`);
  },
);

/** The hash of what `agent` shares as `name`, as soon as it is another than `before`. */
async function newHash(agent: AgentProcess, name: string, before: string | null): Promise<string> {
  return agent.until(async () => {
    const hash = (await agent.api.list(name))[0]?.hash;
    return hash && hash !== before ? hash : undefined;
  }, `${name}: another content`);
}

/** Resolves when the version with `hash` is in place at `agent`. */
async function arrived(agent: AgentProcess, name: string, hash: string): Promise<void> {
  await agent.until(async () => {
    const [file] = await agent.api.list(name);
    return file?.hash === hash || undefined;
  }, `${name}: the whole version`);
}

/** Resolves when a part of the file has come, or all of it. */
async function onItsWay(agent: AgentProcess, name: string): Promise<void> {
  await agent.until(async () => {
    const downloads = (await agent.api.queue()).filter(({ path }) => path === name);
    return downloads.at(-1) && downloads.at(-1)!.bytes > 2 * MIB ? true : undefined;
  }, `${name}: the first bytes`);
}
