import type { Chronicle } from './chronicle.ts';
import { demandAllWhole } from './invariants.ts';
import type { Oracle } from './oracle.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { AT_ONCE, type Operation, type OperationFate } from './simulated-file-system.ts';
import type { SimulatedLan } from './simulated-network.ts';
import type { EventFate } from './simulated-watcher.ts';
import type { Troubles } from './troubles.ts';

export interface MisfortuneParts {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly troubles: Troubles;
  readonly lan: SimulatedLan;
  readonly devices: readonly SimulatedDevice[];
  readonly oracle: Oracle;
  readonly chronicle: Chronicle;
  /** Calls `check`, which throws when something has happened that must not. */
  readonly guard: (check: () => void) => void;
}

/** ms within which the kernel writes back what nobody flushes. */
const WRITEBACK_MS = 5000;

/** What breaks in a world, and how it goes on. */
export class Misfortunes {
  readonly #parts: MisfortuneParts;
  /** Operations of each device until it crashes. */
  readonly #crashIn: number[] = [];
  #isCalm = false;

  constructor(parts: MisfortuneParts) {
    this.#parts = parts;
  }

  /** What becomes of an operation of device `number` on its disk. */
  fateOf(number: number, operation: Operation, path: string, random: SeededRandom): OperationFate {
    if (this.#isCalm) return AT_ONCE;
    const { troubles, chronicle, devices } = this.#parts;
    const left = (this.#crashIn[number] ??= this.#nextCrash()) - 1;
    this.#crashIn[number] = left;
    if (left <= 0) {
      chronicle.say(`device${number}`, `crashes at ${operation} ${path}`);
      this.#crash(devices[number]!);
      return AT_ONCE;
    }
    const { delay, fault } = troubles;
    const wait = () => (random.chance(delay) ? random.next() * random.pick([1, 1, 10, 100]) : 0);
    const before = wait();
    if (fault > 0 && random.chance(fault)) {
      chronicle.say(`device${number}`, `EIO at ${operation} ${path}`);
      return { code: 'EIO', before, after: 0 };
    }
    return { before, after: wait() };
  }

  /** What becomes of an event that the system tells of. */
  fateOfEvent(random: SeededRandom): EventFate {
    return {
      delay: random.next() * random.pick([2, 50]),
      overflow: !this.#isCalm && random.chance(this.#parts.troubles.overflow),
    };
  }

  /** Something breaks, or is mended. */
  disturb(): void {
    const { random, devices, troubles, lan, time, chronicle } = this.#parts;
    const [one, other] = [random.pick(devices), random.pick(devices)];
    if (this.#isCalm) return;
    if (one !== other && random.chance(troubles.breaks)) {
      if (random.chance(0.5)) lan.breakSession(one.id, other.id);
      else lan.cut(one.id, other.id);
      chronicle.say(one.name, `loses the connection with ${other.name}`);
      if (random.chance(0.5)) time.after(random.next() * 5000, () => lan.mend());
    }
    if (troubles.fullDisks) {
      const { disk } = one;
      disk.capacity = disk.capacity === Infinity ? disk.used + random.below(5000) : Infinity;
      chronicle.say(one.name, `has ${disk.space().available} bytes left`);
    }
    if (random.chance(troubles.backups)) {
      chronicle.say(one.name, 'is backed up');
      one.copyDatabase();
    }
    if (troubles.crashEvery > 0 && random.chance(0.2)) this.#crash(one);
    else if (random.chance(0.1)) void this.restart(one);
  }

  /** Nothing breaks any more, and whatever is broken is mended. */
  calm(): void {
    const { lan, devices } = this.#parts;
    this.#isCalm = true;
    lan.isCalm = true;
    lan.mend();
    for (const device of devices) {
      device.disk.capacity = Infinity;
      this.startSoon(device);
    }
  }

  startSoon(device: SimulatedDevice): void {
    if (device.isUp) return;
    this.#parts.chronicle.say(device.name, 'starts');
    void device.start().then((isStarted) => {
      if (!isStarted) this.#parts.time.after(2000, () => this.startSoon(device));
    });
  }

  async restart(device: SimulatedDevice): Promise<void> {
    if (!device.isUp) return;
    this.#parts.chronicle.say(device.name, 'is stopped');
    await device.stop();
    this.startSoon(device);
  }

  #nextCrash(): number {
    const { random, troubles } = this.#parts;
    return troubles.crashEvery === 0 ? Infinity : 1 + random.below(2 * troubles.crashEvery);
  }

  /** The process is killed, or the whole machine fails. It comes back before long. */
  #crash(device: SimulatedDevice): void {
    const { random, troubles, devices, oracle, time, chronicle } = this.#parts;
    const isPowerCut = random.chance(troubles.powerCut);
    if (!device.isUp && !isPowerCut) return;
    this.#crashIn[devices.indexOf(device)] = this.#nextCrash();
    device.kill(isPowerCut);
    chronicle.say(device.name, isPowerCut ? 'has no power' : 'is killed');
    if (isPowerCut) {
      const { contents, torn } = device.disk.crash(WRITEBACK_MS);
      for (const content of contents) oracle.released(content);
      for (const node of torn) oracle.torn(node.data);
      this.#parts.guard(() => demandAllWhole(device, oracle));
    }
    if (random.chance(0.05)) {
      chronicle.say(device.name, 'has lost its database');
      device.loseDatabase();
    } else if (random.chance(troubles.backups) && device.setBackDatabase())
      chronicle.say(device.name, 'has the database of its backup');
    // What may not have come to the disk, with the times that were recorded, counts as it is found.
    device.readsAnew();
    time.after(100 + random.next() * 4000, () => this.startSoon(device));
  }
}
