import type { Chronicle } from './chronicle.ts';
import type { DiskNode } from './disk-node.ts';
import { isDamaged, isFinalName, isIndexedAs } from './invariants.ts';
import { Violation, type Oracle } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SHARED, type SimulatedDevice } from './simulated-device.ts';

/** ms from the last change of a file until what it holds counts as damaged when it changes once more without a word. */
export const SETTLED_MS = 61_000;

interface RotParts {
  readonly devices: readonly SimulatedDevice[];
  readonly random: SeededRandom;
  readonly oracle: Oracle;
  readonly chronicle: Chronicle;
}

/** What disks do to the bytes of files that nobody touches, telling nobody. */
export class DiskRot {
  readonly #parts: RotParts;

  constructor(parts: RotParts) {
    this.#parts = parts;
  }

  /** Damages a file, if there is one whose content is known to its agent. */
  act(): void {
    const { devices, random, oracle, chronicle } = this.#parts;
    const device = random.pick(devices);
    const files = [...device.disk.files(SHARED)].filter(([path, node]) => mayRot(device, path, node));
    if (files.length === 0) return;
    const [path, node] = random.pick(files);
    chronicle.say(`disk of ${device.name}`, `damages ${path}`);
    const healthy = node.data;
    device.disk.flush(node);
    if (!this.#isElsewhere(node)) oracle.released(healthy);
    node.rot(random.below(healthy.length));
    oracle.rotted(node);
  }

  /** Has a person at each device mend what is damaged there. */
  async mend(): Promise<void> {
    for (const { api } of this.#parts.devices) {
      const corrupt = (await api?.check())?.corrupt ?? [];
      if (corrupt.length > 0) await api!.get(corrupt.map((path) => ({ path })));
    }
  }

  /** @throws Violation when something is still damaged that another device has whole, and nobody has anything else for. */
  demandMended(): void {
    const { devices } = this.#parts;
    for (const device of devices) {
      for (const [path, node] of device.disk.files(SHARED)) {
        if (!isDamaged(device, path, node)) continue;
        const others = devices.filter((other) => other !== device && other.disk.find(path));
        const isToBeHad = others.every((other) => isIndexedAs(other, path, node.healthy!));
        const source = others.find((other) => other.disk.find(path)!.data.equals(node.healthy!));
        if (isToBeHad && source)
          throw new Violation(`${path} of ${device.name} is damaged, and whole on ${source.name}`);
      }
    }
  }

  #isElsewhere(one: DiskNode): boolean {
    return this.#parts.devices.some((device) =>
      [...device.disk.files(SHARED)].some(
        ([path, node]) =>
          node !== one && isFinalName(path) && isSettled(device, node) && node.data.equals(one.data),
      ),
    );
  }
}

/** Whether the system has written it to the platters, and nobody is about to change it. */
function isSettled(device: SimulatedDevice, node: DiskNode): boolean {
  const age = device.clock.now() - node.ctimeUs / 1000;
  return node.type === 'file' && age > SETTLED_MS;
}

function mayRot(device: SimulatedDevice, path: string, node: DiskNode): boolean {
  if (node.data.length === 0 || node.healthy || !isFinalName(path) || !isSettled(device, node)) return false;
  return device.knows(path) && isIndexedAs(device, path, node.data);
}
