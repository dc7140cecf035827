import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { blake3 } from '../../src/core/blake3.ts';
import type { OpenFile } from '../../src/core/file-system.ts';
import { NodeFileSystem } from '../../src/core/node-file-system.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { FileHasher, HashProgress } from '../../src/index/file-hasher.ts';
import { InlineHasher } from '../../src/index/inline-hasher.ts';
import { WorkerHasher } from '../../src/index/worker-hasher.ts';
import { blockCount, blockRange, HASH_BYTES } from '../../src/model/block-layout.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KIB = 1024;
const files = new NodeFileSystem();

function blocksOf(content: Buffer): Buffer {
  return Buffer.concat(
    Array.from({ length: blockCount(content.length) }, (_, index) => {
      const { offset, length } = blockRange(content.length, index);
      return blake3(content.subarray(offset, offset + length));
    }),
  );
}

async function makeSparse(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(size);
  await file.close();
}

const hashers: Record<string, () => { hasher: FileHasher; stop: () => Promise<void> }> = {
  inline: () => ({ hasher: new InlineHasher(files), stop: async () => undefined }),
  worker: () => {
    const hasher = new WorkerHasher(systemClock, files, 2);
    return { hasher, stop: () => hasher.stop() };
  },
};

for (const [name, make] of Object.entries(hashers)) {
  test(`${name}: hashes files of every size block by block`, async (t) => {
    const { hasher, stop } = make();
    t.teardown(stop);
    const folder = await temporaryFolder(t);
    const sizes = [0, 1, 128 * KIB - 1, 128 * KIB, 128 * KIB + 1, 300 * KIB, 1025 * KIB, 3000 * KIB];
    const contents = sizes.map((size) => Buffer.alloc(size, `${size} bytes`));
    for (const [index, content] of contents.entries()) await writeFile(join(folder, `${index}`), content);
    await Promise.all(
      contents.map(async (content, index) => {
        const path = join(folder, `${index}`);
        const outcome = await hasher.hash(path, content.length);
        if (outcome.type !== 'hashed') return t.fail(outcome.type);
        t.deepEqual(Buffer.from(outcome.blocks), blocksOf(content));
        t.deepEqual(outcome.hash, blake3(outcome.blocks));
        t.deepEqual(outcome.stat, await files.lstat(path));
        const digest = await hasher.sha256(path, content.length);
        if (digest.type !== 'digested') return t.fail(digest.type);
        t.deepEqual(Buffer.from(digest.digest), createHash('sha256').update(content).digest());
      }),
    );
  });

  test(`${name}: says what cannot be read`, async (t) => {
    const { hasher, stop } = make();
    t.teardown(stop);
    const folder = await temporaryFolder(t);
    await symlink('/etc/passwd', join(folder, 'link'));
    await mkdir(join(folder, 'directory'));
    for (const size of [10, 10_000_000]) {
      t.deepEqual(await hasher.hash(join(folder, 'gone'), size), { type: 'failed', code: 'ENOENT' });
      t.deepEqual(await hasher.hash(join(folder, 'link'), size), { type: 'failed', code: 'ELOOP' });
      t.deepEqual(await hasher.hash(join(folder, 'directory'), size), { type: 'changed' });
    }
  });

  test(`${name}: tells of the first blocks while it reads on`, async (t) => {
    const { hasher, stop } = make();
    t.teardown(stop);
    const path = join(await temporaryFolder(t), 'large');
    await makeSparse(path, 400 * KIB * KIB);
    const told: HashProgress[] = [];
    const outcome = await hasher.hash(path, 400 * KIB * KIB, (progress) => told.push(progress));
    if (outcome.type !== 'hashed') return t.fail(outcome.type);
    t.true(told.length > 0);
    let before = 0;
    for (const { stat, blocks } of told) {
      t.deepEqual(stat, outcome.stat);
      t.true(blocks.length >= before * 1.5 && blocks.length < outcome.blocks.length);
      t.deepEqual(blocks, outcome.blocks.slice(0, blocks.length));
      t.is(blocks.length % HASH_BYTES, 0);
      before = blocks.length;
    }
  });
}

test('a file that changes while it is read has no hash', async (t) => {
  const path = join(await temporaryFolder(t), 'log');
  await writeFile(path, Buffer.alloc(300 * KIB));
  class BusyFile extends NodeFileSystem {
    override async open(name: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
      const file = await super.open(name, mode);
      const read = file.read.bind(file);
      file.read = async (target, position) => {
        appendFileSync(name, 'another line');
        return read(target, position);
      };
      return file;
    }
  }
  const hasher = new InlineHasher(new BusyFile());
  t.deepEqual(await hasher.hash(path, 300 * KIB), { type: 'changed' });
  t.deepEqual(await hasher.sha256(path), { type: 'changed' });
});

test('small files do not wait for large ones', async (t) => {
  const hasher = new WorkerHasher(systemClock, files, 1);
  t.teardown(() => hasher.stop());
  const folder = await temporaryFolder(t);
  await makeSparse(join(folder, 'large'), 1_000_000 * KIB);
  await makeSparse(join(folder, 'small'), 1000 * KIB);
  const order: string[] = [];
  const hash = async (name: string, size: number) => {
    await hasher.hash(join(folder, name), size);
    order.push(name);
  };
  await Promise.all([
    ...Array.from({ length: 3 }, () => hash('large', 1_000_000 * KIB)),
    ...Array.from({ length: 100 }, () => hash('small', 1000 * KIB)),
  ]);
  t.is(order.indexOf('large'), 100);
});

test('work under way is given up when the hasher stops', async (t) => {
  const hasher = new WorkerHasher(systemClock, files);
  const path = join(await temporaryFolder(t), 'large');
  await makeSparse(path, 8_000_000 * KIB);
  const outcomes = Array.from({ length: 10 }, () => hasher.hash(path, 8_000_000 * KIB));
  await hasher.stop();
  for (const outcome of await Promise.all(outcomes)) {
    t.deepEqual(outcome, { type: 'failed', code: 'ABORTED' });
  }
  t.deepEqual(await hasher.hash(path, 8_000_000 * KIB), { type: 'failed', code: 'ABORTED' });
  await hasher.stop();
});
