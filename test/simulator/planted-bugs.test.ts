import test from 'ava';
import type { FileSystem, OpenFile } from '../../src/core/file-system.ts';
import type { Oddities } from './oddities.ts';
import { SHARED } from './simulated-device.ts';
import type { Sabotage } from './simulated-process.ts';
import { Simulation } from './simulation.ts';

const MAX_SEEDS = 400;

/** The first seed whose world goes wrong as `expected` says. */
async function firstToFind(
  sabotage: Sabotage,
  expected: RegExp,
  oddities: Partial<Oddities> = {},
): Promise<number | undefined> {
  for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
    try {
      await new Simulation({ seed, sabotage, oddities }).run();
    } catch (error) {
      if (expected.test(String(error))) return seed;
    }
  }
  return undefined;
}

/** `files`, with other ways of opening. */
function opening(files: FileSystem, change: (file: OpenFile) => OpenFile): FileSystem {
  return new Proxy(files, {
    get(target, name: keyof FileSystem): unknown {
      if (name !== 'open') return target[name].bind(target);
      return async (...call: Parameters<FileSystem['open']>) => change(await target.open(...call));
    },
  });
}

test('files that are renamed before they are flushed are found out', async (t) => {
  const fileSystem = (files: FileSystem) => opening(files, (file) => ({ ...file, sync: async () => {} }));
  const seed = await firstToFind({ fileSystem }, /partial file/);
  t.log(`by seed ${seed}`);
  t.not(seed, undefined);
});

test('replacing a file that nobody has looked at is found out', async (t) => {
  const fileSystem = (files: FileSystem) =>
    Object.assign(
      opening(files, (file) => file),
      {
        renameNew: (from: string, to: string) => files.rename(from, to),
      },
    );
  const seed = await firstToFind({ fileSystem }, /lost/);
  t.log(`by seed ${seed}`);
  t.not(seed, undefined);
});

test('deleting what should go to the trash is found out', async (t) => {
  const discard: Sabotage['discard'] = (_, files) => async (path) => {
    await files.unlink(`${SHARED}/${path}`);
    return '';
  };
  const seed = await firstToFind({ discard }, /removed for good/);
  t.log(`by seed ${seed}`);
  t.not(seed, undefined);
});

test('telling of what is withdrawn in a way that the others refuse is found out', async (t) => {
  const index: Sabotage['index'] = (own) => {
    const after = own.after.bind(own);
    return Object.assign(own, {
      after: (...call: Parameters<typeof after>) =>
        after(...call).map((entry) => (entry.version.length > 0 ? entry : { ...entry, deleted: false })),
    });
  };
  const seed = await firstToFind({ index }, /refuses index-update .*entry\.version/);
  t.log(`by seed ${seed}`);
  t.not(seed, undefined);
});

test('taking what the disk has damaged for an edit is found out', async (t) => {
  let looks = 0;
  const fileSystem = (files: FileSystem) => {
    const lstat = files.lstat.bind(files);
    return Object.assign(files, {
      lstat: async (path: string) => ({ ...(await lstat(path)), ctimeUs: (looks += 1) }),
    });
  };
  const seed = await firstToFind({ fileSystem }, /partial file/, { rot: 4 });
  t.log(`by seed ${seed}`);
  t.not(seed, undefined);
});
