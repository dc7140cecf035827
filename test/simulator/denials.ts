import type { Chronicle } from './chronicle.ts';
import type { DiskNode } from './disk-node.ts';
import { isFinalName } from './invariants.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import { SHARED, type SimulatedDevice } from './simulated-device.ts';

interface DenialParts {
  readonly devices: readonly SimulatedDevice[];
  readonly random: SeededRandom;
  readonly time: SimulatedTime;
  readonly chronicle: Chronicle;
}

/** Files and folders that the agent of a device may not read, or not change, for a while. */
export class Denials {
  readonly #parts: DenialParts;
  readonly #denied = new Map<DiskNode, SimulatedDevice>();

  constructor(parts: DenialParts) {
    this.#parts = parts;
  }

  act(): void {
    const { devices, random, time, chronicle } = this.#parts;
    const device = random.pick(devices);
    const all = [...device.disk.files(SHARED)].filter(
      ([path, { type }]) => isFinalName(path) && (type === 'file' || type === 'directory'),
    );
    if (all.length === 0) return;
    const folders = all.filter(([, { type }]) => type === 'directory');
    const [path, node] = random.pick(folders.length > 0 && random.chance(0.5) ? folders : all);
    const denial = node.type === 'file' ? 'all' : random.pick(['all', 'list', 'change'] as const);
    chronicle.say(`user of ${device.name}`, `denies ${denial} of ${path}`);
    device.disk.setDenial(node, denial);
    this.#denied.set(node, device);
    time.after(random.next() * 10_000, () => this.#allow(node));
  }

  /** Everything is allowed again. */
  clear(): void {
    for (const node of this.#denied.keys()) this.#allow(node);
  }

  #allow(node: DiskNode): void {
    const device = this.#denied.get(node);
    if (!device) return;
    this.#denied.delete(node);
    this.#parts.chronicle.say(`user of ${device.name}`, `allows what he has denied`);
    device.disk.setDenial(node, undefined);
  }
}
