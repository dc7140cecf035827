import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import { shortDeviceId } from '../../src/model/device-id.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { LyingPeer, type Lie } from '../support/lying-peer.ts';
import { BLOCK } from '../support/block-size.ts';
import { digest, PlacedFiles } from '../support/placed-files.ts';
import { seededBytes } from '../support/seeded-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SIZE = 12 * BLOCK - 999;

/** Lies that come to light when the bytes are there. */
const LIES: Readonly<Record<string, Lie>> = {
  'wrong bytes': { send: (block) => seededBytes('wrong', block.length) },
  'one wrong bit': {
    send: (block, index) => {
      const copy = Buffer.from(block);
      if (index % 2 === 0) copy[copy.length >> 1]! ^= 1;
      return copy;
    },
  },
  'short blocks': { send: (block) => block.subarray(1) },
  'long blocks': { send: (block) => Buffer.concat([block, Buffer.alloc(1)]) },
  'no bytes': { send: () => new Uint8Array() },
  'other blocks': { send: (_, index, blocks) => blocks[(index + 1) % blocks.length]! },
  'a larger size': { announce: (truth) => ({ ...truth, size: truth.size + 500 }) },
  'a smaller size': { announce: (truth) => ({ ...truth, size: truth.size - 500 }) },
  'hashes of something else': {
    announce: (truth) => {
      const blocks = new Uint8Array(truth.blocks).reverse();
      return { ...truth, blocks, hash: new Uint8Array(blake3(blocks)) };
    },
  },
};

/** Lies that can be seen at once. */
const INVALID: Readonly<Record<string, Lie>> = {
  'another hash than its blocks have': {
    announce: (truth) => ({ ...truth, hash: new Uint8Array(truth.hash!).reverse() }),
  },
  'more blocks than its size has': { announce: (truth) => ({ ...truth, size: 1000 }) },
};

test('peers that lie about sizes and hashes place nothing, are named, and honest ones complete the files', async (t) => {
  const folder = await temporaryFolder(t);
  const discovery = (...ports: number[]) =>
    `port: 0\ndiscovery: { mdns: false, query_interval: 1 s, peers: [${ports.map((port) => `'127.0.0.1:${port}'`).join(', ')}] }\n`;
  const luis = await AgentProcess.start({ home: join(folder, 'luis'), config: `name: luis\n${discovery()}` });
  t.teardown(() => luis.stop());
  const { port } = await luis.api.status();
  const contents = new Map(
    Object.keys({ ...LIES, ...INVALID }).map((name) => [name, seededBytes(name, SIZE)] as const),
  );
  const placed = new PlacedFiles(
    luis.shared(),
    new Map([...contents].map(([name, bytes]) => [name, new Set([digest(bytes)])])),
  );
  t.teardown(() => placed.close());
  const dial = (name: string, lie: Lie) =>
    LyingPeer.dial(t, port, `liar of ${name}`, { path: name, bytes: contents.get(name)! }, lie);

  for (const [name, lie] of Object.entries(INVALID)) {
    const liar = await dial(name, lie);
    await liar.raw.closed;
    t.deepEqual(liar.raw.heard.at(-1), { type: 'goodbye', reason: 'protocol-error' }, name);
    t.deepEqual(await luis.api.find(name), [], name);
  }

  const liars = await Promise.all(
    Object.entries(LIES).map(async ([name, lie]) => {
      const liar = await dial(name, lie);
      await luis.until(
        async () => (await luis.api.find(name)).find(({ hash }) => hash),
        `${name} is announced`,
      );
      await luis.api.get([{ path: name }]);
      await luis.until(async () => {
        const lied = (await events(luis, 'peer.lied')).some(
          (event) => event.path === name && event.name === liar.name && event.device === liar.device,
        );
        const invalid = (await events(luis, 'connection.invalid')).some(
          ({ device }) => device === shortDeviceId(liar.device),
        );
        return lied || invalid || undefined;
      }, `the liar of ${name} is named`);
      return { liar, name };
    }),
  );
  await placed.lookAtAll();
  t.deepEqual((await readdir(luis.shared())).sort(), ['.compartidos'], 'nothing has been placed');
  const asked = liars.map(({ liar }) => liar.asked);

  const ana = await AgentProcess.start({
    home: join(folder, 'ana'),
    config: `name: ana\n${discovery(port)}`,
  });
  t.teardown(() => ana.stop());
  for (const [name, bytes] of contents) {
    await writeFile(join(folder, 'content'), bytes);
    await rename(join(folder, 'content'), ana.shared(name));
  }
  // Nobody has what those hashes are of, but there is a file of that name now.
  const nameless = 'hashes of something else';
  await luis.until(async () => {
    const found = await luis.api.find(nameless);
    return found.find(({ hash, holders }) => hash && holders.some(({ name }) => name === 'ana'));
  }, 'what Ana has under that name');
  await luis.api.get([{ path: nameless }], { from: 'ana' });
  await luis.until(async () => {
    const done = (await luis.api.queue()).filter(({ state }) => state === 'done').map(({ path }) => path);
    return Object.keys(LIES).every((name) => done.includes(name)) || undefined;
  }, 'all that was asked for');
  await placed.lookAtAll();
  t.deepEqual(placed.wrong, []);
  for (const name of Object.keys(LIES))
    t.true(contents.get(name)!.equals(await readFile(luis.shared(name))), name);
  t.deepEqual(
    liars.map(({ liar }) => liar.asked),
    asked,
    'who has lied is asked nothing more',
  );
});

interface LoggedEvent {
  readonly event: string;
  readonly path?: string;
  readonly name?: string;
  readonly device?: string;
}

/** What `agent` has logged under one name. */
async function events(agent: AgentProcess, event: string): Promise<LoggedEvent[]> {
  const log = await readFile(join(agent.home, '.compartidos', 'log', 'agent.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes(event));
  return lines.map((line) => JSON.parse(line) as LoggedEvent).filter((line) => line.event === event);
}
