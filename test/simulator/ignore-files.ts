import { IGNORE_FILE } from '../../src/model/relative-path.ts';
import type { Chronicle } from './chronicle.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SHARED, type SimulatedDevice } from './simulated-device.ts';

interface IgnoreParts {
  readonly devices: readonly SimulatedDevice[];
  readonly random: SeededRandom;
  readonly chronicle: Chronicle;
}

const FOLDERS = ['', '/d', '/d/e', '/f'];
const PATTERNS = ['*.txt', 'a', 'd/', '/f', 'c.*', '!b.txt', '!a', 'd/*', '*', 'e', '!e', 'd/**/a'];

/** Files of patterns that people write, change and remove, each on his own device. */
export class IgnoreFiles {
  readonly #parts: IgnoreParts;

  constructor(parts: IgnoreParts) {
    this.#parts = parts;
  }

  act(): void {
    const { devices, random, chronicle } = this.#parts;
    const device = random.pick(devices);
    const { disk, name } = device;
    const folder = `${SHARED}${random.pick(FOLDERS)}`;
    if (disk.find(folder)?.type !== 'directory') return;
    const path = `${folder}/${IGNORE_FILE}`;
    // What is not ignored any more is read as if it were new.
    device.readsAnew();
    const isThere = disk.find(path) !== undefined;
    if (isThere && random.chance(0.4)) {
      chronicle.say(`user of ${name}`, `deletes ${path}`);
      disk.unlink(path, 'user');
      return;
    }
    const patterns = Array.from({ length: 1 + random.below(3) }, () => random.pick(PATTERNS));
    chronicle.say(`user of ${name}`, `ignores ${patterns.join(' ')} in ${folder}`);
    try {
      if (isThere) disk.truncate(disk.file(path), path, 0, 'user');
      else disk.create(path, 'user');
      disk.write(disk.file(path), path, Buffer.from(`${patterns.join('\n')}\n`), 0, 'user');
    } catch (error) {
      // The disk is full: an empty file ignores nothing.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  /** Nothing is ignored any more. */
  clear(): void {
    for (const { disk } of this.#parts.devices) {
      const all = [...disk.files(SHARED)].filter(([path]) => path.endsWith(`/${IGNORE_FILE}`));
      for (const [path] of all) disk.unlink(path, 'user');
    }
  }
}
