import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir, rename, writeFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { BLOCK } from '../support/block-size.ts';
import { AgentLab } from '../support/agent-lab.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import type { LabProcess } from '../support/lab-process.ts';
import { labTest } from '../support/lab-test.ts';
import { digest, PlacedFiles } from '../support/placed-files.ts';
import { seededBytes } from '../support/seeded-bytes.ts';

const TRANSFERS = 200;
const KILLS = process.env['COMPARTIDOS_LONG_TESTS'] ? 200 : 24;
const KIB = 1024;
/** So slow that many a kill meets a file on its way. */
const RECEIVER = "rules: [{ match: '**' }]\nlimits: { down: 40 MB/s }\n";
const RECEIVERS = ['luis', 'eva'];

labTest(`${TRANSFERS} transfers to each of two agents survive ${KILLS} kills at random points`, async (t) => {
  t.timeout(20 * 60_000);
  const seed = Number(process.env['COMPARTIDOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.log(`seed ${seed}`);
  console.log(`killed-agents: seed ${seed}`);
  const random = new SeededRandom(seed);
  const lab = await AgentLab.create(t, ['ana', ...RECEIVERS]);
  const agents = new Map<string, AgentProcess>();
  const configOf = (name: string) => (name === 'ana' ? '' : RECEIVER);
  const start = async (name: string) => void agents.set(name, await lab.start(name, configOf(name)));
  // The folders are made, with nothing in them to lose.
  await Promise.all(['ana', ...RECEIVERS].map(start));
  await Promise.all([...agents.values()].map((agent) => agent.stop()));

  const contents = new Map<string, Buffer>();
  const versions = new Map<string, Set<string>>();
  const placed = new Map(
    RECEIVERS.map((name) => [name, new PlacedFiles(agents.get(name)!.shared(), versions)]),
  );
  t.teardown(() => placed.forEach((files) => files.close()));
  const looseEnds = join(lab.folder, 'on its way');
  await mkdir(looseEnds);
  const write = async (transfer: number) => {
    // Every fifth is another version of a file that is there, or still on its way.
    const isNew = contents.size === 0 || !random.chance(0.2);
    const name = isNew ? `file ${transfer}` : random.pick([...contents.keys()]);
    const bytes = seededBytes(`${seed} ${transfer}`, size(random));
    versions.set(name, (versions.get(name) ?? new Set()).add(digest(bytes)));
    contents.set(name, bytes);
    await writeFile(join(looseEnds, name), bytes);
    await rename(join(looseEnds, name), agents.get('ana')!.shared(name));
  };

  // Each has a life of its own, and whenever one ends, there is more to send.
  let transfers = 0;
  let ends = 0;
  let writing = Promise.resolve();
  const writeMore = async () => {
    for (; transfers < Math.min(TRANSFERS, (ends * TRANSFERS) / KILLS); transfers += 1)
      await write(transfers);
  };
  const die = async (process: LabProcess) => {
    process.kill('SIGKILL');
    await process.exited;
    ends += 1;
    writing = writing.then(writeMore);
    await writing;
  };
  const live = async (name: string, kills: number, chance: SeededRandom) => {
    for (let killed = 0; killed < kills; killed += 1) {
      if (chance.chance(0.2)) {
        const starting = await lab.launch(name, configOf(name));
        await delay(chance.below(1000));
        await die(starting);
      } else {
        await start(name);
        await moment(agents.get(name)!, chance);
        await die(agents.get(name)!.process);
      }
      await placed.get(name)?.lookAtAll();
    }
    await start(name);
  };
  const deaths = { ana: Math.ceil(KILLS / 8), luis: Math.floor(KILLS / 2), eva: Math.floor((KILLS * 3) / 8) };
  await Promise.all(Object.entries(deaths).map(([name, kills]) => live(name, kills, random.fork())));
  t.is(transfers, TRANSFERS);
  const nothingWrong = async () => {
    for (const [name, files] of placed) {
      await files.lookAtAll();
      t.deepEqual(files.wrong, [], `${name}, seed ${seed}`);
    }
  };
  await nothingWrong();

  for (const name of RECEIVERS) {
    const agent = agents.get(name)!;
    await agent.until(async () => {
      const [here, there] = [await hashes(agent), await hashes(agents.get('ana')!)];
      const isAll = here.length === contents.size && String(here) === String(there);
      return (isAll && (await agent.api.status()).transfers === 0) || undefined;
    }, `everything at ${name}, seed ${seed}`);
  }
  await nothingWrong();
  const names = [...contents.keys()].sort();
  for (const [name, agent] of agents) {
    const there = (await readdir(agent.shared())).filter((file) => file !== '.compartidos');
    t.deepEqual(there.sort(), names, `${name}, seed ${seed}`);
    for (const [file, bytes] of contents) {
      t.true(bytes.equals(await readFile(agent.shared(file))), `${file} at ${name}, seed ${seed}`);
    }
    const incoming = agent.shared('.compartidos', 'incoming');
    t.deepEqual(await readdir(incoming), [], `nothing is left on its way at ${name}, seed ${seed}`);
    t.deepEqual((await agent.api.check()).corrupt, [], `${name}, seed ${seed}`);
    t.deepEqual(await agent.api.conflicts(), []);
  }
  const looks = [...placed.values()].map((files) => files.looks);
  t.log(`${ends} kills, ${contents.size} names, ${looks.join(' + ')} looks at files in place`);
});

/** Mostly small files, as there are everywhere, and some that take a while. */
function size(random: SeededRandom): number {
  const kind = random.next();
  if (kind < 0.05) return random.below(2);
  if (kind < 0.5) return random.below(128 * KIB);
  if (kind < 0.6) return BLOCK + random.below(3) - 1;
  if (kind < 0.85) return random.below(1024 * KIB);
  return 1024 * KIB + random.below(5 * 1024 * KIB);
}

/** What `agent` shares, by name and content, in the order of the names. */
async function hashes(agent: AgentProcess): Promise<string[]> {
  return (await agent.api.list()).map(({ path, hash }) => `${path} ${hash}`).sort();
}

/** Resolves after a random number of changes in what `agent` receives, or at a random time if nothing happens. */
async function moment(agent: AgentProcess, random: SeededRandom): Promise<void> {
  let changes = random.below(60);
  const end = new AbortController();
  const folders = [agent.shared(), agent.shared('.compartidos', 'incoming')];
  const watchers = folders.map((folder) => watch(folder, () => (changes -= 1) < 0 && end.abort()));
  const timer = setTimeout(() => end.abort(), random.below(1000));
  if (!end.signal.aborted) await once(end.signal, 'abort');
  clearTimeout(timer);
  for (const watcher of watchers) watcher.close();
}
