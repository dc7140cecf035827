import type { RuleSettings } from '../../src/config/settings.ts';
import { blockBuffers } from '../../src/core/buffer-pool.ts';
import type { LogFields } from '../../src/core/logger.ts';
import { Chronicle } from './chronicle.ts';
import { demandAllWhole, demandKept, demandSettled, demandWhole } from './invariants.ts';
import { Oracle, Violation } from './oracle.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedTime } from './simulated-clock.ts';
import { SHARED, SimulatedDevice, type Sabotage } from './simulated-device.ts';
import { AT_ONCE, type OperationFate, type Operation } from './simulated-file-system.ts';
import { SimulatedLan } from './simulated-network.ts';
import { SimulatedUser } from './simulated-user.ts';
import { drawTroubles, type Troubles } from './troubles.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly trace?: (line: string) => void;
  readonly sabotage?: Sabotage;
}

/** ms within which the kernel writes back what nobody flushes. */
const WRITEBACK_MS = 5000;
/** ms without any change after which all is quiet: longer than anything waits before it tries again. */
const QUIET_MS = 400_000;
const CHECK_MS = 40_000;
const MAX_SETTLE_MS = 3_600_000;
const MAX_EVENTS = 400_000;

/** One world from its beginning until it is quiet, as its seed decides. */
export class Simulation {
  readonly #random: SeededRandom;
  readonly #time = new SimulatedTime();
  readonly #oracle = new Oracle();
  readonly #lan: SimulatedLan;
  readonly #devices: SimulatedDevice[] = [];
  readonly #users: SimulatedUser[] = [];
  readonly #troubles: Troubles;
  readonly #mode: RuleSettings['mode'];
  readonly #chronicle: Chronicle;
  readonly #crashIn: number[] = [];
  #isCalm = false;
  #violation: unknown;

  constructor({ seed, trace, sabotage = {} }: SimulationOptions) {
    const random = new SeededRandom(seed);
    this.#random = random;
    this.#chronicle = new Chronicle(this.#time, trace);
    this.#lan = new SimulatedLan({
      time: this.#time,
      random: random.fork(),
      onProtocolError: (problem) => {
        this.#chronicle.say('network', problem);
        this.#violation ??= new Violation(problem);
      },
    });
    this.#mode = random.pick(['sync', 'sync', 'sync', 'mirror', 'fetch']);
    this.#troubles = drawTroubles(random);
    const count = random.pick([2, 2, 3, 3, 4]);
    for (let number = 0; number < count; number += 1) this.#addDevice(number, sabotage);
    this.#chronicle.say(
      'world',
      `${seed}: ${this.#mode}, ${count} devices, ${JSON.stringify(this.#troubles)}`,
    );
  }

  /** Rejects with a Violation when something happens that must not. Resolves with the number of events. */
  async run(): Promise<number> {
    // What another world has left in this process must not matter.
    blockBuffers.clear();
    try {
      for (const device of this.#devices) this.#startSoon(device);
      await this.#pass(this.#plan());
      this.#calm();
      await this.#settle();
      demandSettled(this.#devices, this.#mode, this.#oracle);
      return this.#time.count;
    } catch (error) {
      this.#chronicle.sayState(this.#devices);
      throw error;
    } finally {
      for (const device of this.#devices) device.kill();
      // What the end has set off comes to its own.
      await new Promise((resolve) => setImmediate(resolve));
      for (const device of this.#devices) device.close();
    }
  }

  #addDevice(number: number, sabotage: Sabotage): void {
    const random = this.#random.fork();
    const operations = random.fork();
    const device: SimulatedDevice = new SimulatedDevice({
      number,
      random,
      time: this.#time,
      lan: this.#lan,
      rules: this.#rulesOf(number),
      logger: this.#chronicle.loggerOf(`device${number}`, (event, fields) => {
        // Nobody here means ill, whatever becomes of the disks.
        if (event === 'peer.lied') this.#violation ??= new Violation(tellLie(number, fields));
      }),
      fate: (operation, path) => this.#fate(number, operation, path, operations),
      eventFate: () => ({
        delay: operations.next() * operations.pick([2, 50]),
        overflow: !this.#isCalm && operations.chance(this.#troubles.overflow),
      }),
      onNamed: (path, node) => this.#guard(() => demandWhole(path, node, this.#oracle, device.name)),
      onLost: (path, node) => this.#guard(() => demandKept(path, node, device.name)),
      sabotage,
    });
    this.#devices.push(device);
    this.#crashIn.push(this.#nextCrash());
    this.#users.push(
      new SimulatedUser({
        name: device.name,
        disk: device.disk,
        folder: SHARED,
        random: random.fork(),
        time: this.#time,
        oracle: this.#oracle,
        trace: (what) => this.#chronicle.say(`user of ${device.name}`, what),
      }),
    );
  }

  #rulesOf(number: number): RuleSettings[] {
    const mode = this.#mode;
    if (mode !== 'sync' && number === 0) return [];
    const from = mode === 'sync' ? [] : ['device0'];
    return [{ id: 'rule', match: ['**'], from, maxSize: undefined, into: undefined, mode, priority: 0 }];
  }

  /** Decides what users do and what breaks, and when. Returns the end of it. */
  #plan(): number {
    const random = this.#random;
    const time = this.#time;
    const acts = 5 + random.below(40);
    const length = 2000 + random.next() * 25_000;
    for (let act = 0; act < acts; act += 1) {
      const user = random.pick(this.#users);
      const burst = random.chance(0.2) ? 3 : 1;
      const at = random.next() * length;
      for (let one = 0; one < burst; one += 1) time.at(at + one * random.next() * 20, () => user.act());
    }
    for (let step = 0; step < 6; step += 1) {
      time.at(random.next() * length, () => this.#disturb());
    }
    return length + random.next() * 5000;
  }

  #disturb(): void {
    const random = this.#random;
    const [one, other] = [random.pick(this.#devices), random.pick(this.#devices)];
    if (this.#isCalm) return;
    if (one !== other && random.chance(this.#troubles.breaks)) {
      if (random.chance(0.5)) this.#lan.breakSession(one.id, other.id);
      else this.#lan.cut(one.id, other.id);
      this.#chronicle.say(one.name, `loses the connection with ${other.name}`);
      if (random.chance(0.5)) this.#time.after(random.next() * 5000, () => this.#lan.mend());
    }
    if (this.#troubles.fullDisks) {
      const { disk } = one;
      disk.capacity = disk.capacity === Infinity ? disk.used + random.below(5000) : Infinity;
      this.#chronicle.say(one.name, `has ${disk.space().available} bytes left`);
    }
    if (this.#troubles.crashEvery > 0 && random.chance(0.2)) this.#crash(one);
    else if (random.chance(0.1)) void this.#restart(one);
  }

  #fate(number: number, operation: Operation, path: string, random: SeededRandom): OperationFate {
    if (this.#isCalm) return AT_ONCE;
    const { delay, fault } = this.#troubles;
    if (this.#crashIn[number] !== undefined && (this.#crashIn[number] -= 1) <= 0) {
      this.#chronicle.say(`device${number}`, `crashes at ${operation} ${path}`);
      this.#crash(this.#devices[number]!);
      return AT_ONCE;
    }
    const wait = () => (random.chance(delay) ? random.next() * random.pick([1, 1, 10, 100]) : 0);
    const before = wait();
    if (fault > 0 && random.chance(fault)) {
      this.#chronicle.say(`device${number}`, `EIO at ${operation} ${path}`);
      return { code: 'EIO', before, after: 0 };
    }
    return { before, after: wait() };
  }

  #nextCrash(): number {
    const { crashEvery } = this.#troubles;
    return crashEvery === 0 ? Infinity : 1 + this.#random.below(2 * crashEvery);
  }

  /** The process is killed, or the whole machine fails. It comes back before long. */
  #crash(device: SimulatedDevice): void {
    const random = this.#random;
    const isPowerCut = random.chance(this.#troubles.powerCut);
    if (!device.isUp && !isPowerCut) return;
    this.#crashIn[this.#devices.indexOf(device)] = this.#nextCrash();
    device.kill(isPowerCut);
    this.#chronicle.say(device.name, isPowerCut ? 'has no power' : 'is killed');
    if (isPowerCut) {
      const { contents, torn } = device.disk.crash(WRITEBACK_MS);
      for (const content of contents) this.#oracle.released(content);
      for (const node of torn) this.#oracle.torn(node.data);
      this.#guard(() => demandAllWhole(device, this.#oracle));
    }
    if (random.chance(0.05)) device.loseDatabase();
    this.#time.after(100 + random.next() * 4000, () => this.#startSoon(device));
  }

  async #restart(device: SimulatedDevice): Promise<void> {
    if (!device.isUp) return;
    this.#chronicle.say(device.name, 'is stopped');
    await device.stop();
    this.#startSoon(device);
  }

  #startSoon(device: SimulatedDevice): void {
    if (device.isUp) return;
    this.#chronicle.say(device.name, 'starts');
    void device.start().then((isStarted) => {
      if (!isStarted) this.#time.after(2000, () => this.#startSoon(device));
    });
  }

  /** Nothing breaks any more, and whatever is broken is mended. */
  #calm(): void {
    this.#chronicle.say('world', 'is calm');
    this.#isCalm = true;
    this.#lan.isCalm = true;
    this.#lan.mend();
    for (const device of this.#devices) {
      device.disk.capacity = Infinity;
      this.#startSoon(device);
    }
  }

  async #settle(): Promise<void> {
    if (this.#troubles.fault > 0) {
      // What could not be read when it changed is met by the scan that comes every hour.
      await this.#pass(this.#time.now + CHECK_MS);
      for (const { index } of this.#devices) void index?.rescan();
    }
    let before = -1;
    let since = this.#time.now;
    while (this.#time.now - since < QUIET_MS) {
      await this.#pass(this.#time.now + CHECK_MS);
      for (const { rules } of this.#devices) if (rules && rules.stopped().length > 0) await rules.release();
      const now = this.#devices.reduce((sum, { disk, sequence }) => sum + disk.changes + sequence, 0);
      const isBusy = this.#devices.some(({ downloads, isUp }) => !isUp || downloads!.active > 0);
      if (now !== before) since = this.#time.now;
      else if (!isBusy && this.#time.now - since >= CHECK_MS) return;
      before = now;
      if (this.#time.now > MAX_SETTLE_MS) throw new Violation('it does not fall quiet');
    }
  }

  async #pass(until: number): Promise<void> {
    await this.#time.runUntil(until, () => this.#violation !== undefined || this.#time.count > MAX_EVENTS);
    if (this.#violation !== undefined) throw this.#violation as Error;
    if (this.#time.count > MAX_EVENTS) throw new Violation('it is busy for ever');
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#violation ??= error;
    }
  }
}

function tellLie(number: number, { name, path }: LogFields): string {
  return `device${number} takes ${String(name)} for a liar because of ${String(path)}`;
}
