import type { RuleSettings } from '../../src/config/settings.ts';
import { blockBuffers } from '../../src/core/buffer-pool.ts';
import type { LogFields } from '../../src/core/logger.ts';
import { Chronicle } from './chronicle.ts';
import { SETTLED_MS } from './disk-rot.ts';
import { demandKept, demandSettled, demandWhole } from './invariants.ts';
import { Misfortunes } from './misfortunes.ts';
import { OddEvents } from './odd-events.ts';
import type { Oddities } from './oddities.ts';
import { Oracle, Violation } from './oracle.ts';
import { drawRules, rulesOf } from './rule-sets.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedTime } from './simulated-clock.ts';
import { SHARED, SimulatedDevice } from './simulated-device.ts';
import { SimulatedLan } from './simulated-network.ts';
import { SimulatedPerson } from './simulated-person.ts';
import type { Sabotage } from './simulated-process.ts';
import { SELECTORS, SimulatedUser } from './simulated-user.ts';
import { drawTroubles, type Troubles } from './troubles.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly trace?: (line: string) => void;
  readonly sabotage?: Sabotage;
  /** Whatever the seed decides of these. */
  readonly oddities?: Partial<Oddities>;
}

/** ms without any change after which all is quiet: longer than anything waits before it tries again. */
const QUIET_MS = 400_000;
const CHECK_MS = 40_000;
const MAX_SETTLE_MS = 3_600_000;
const MAX_EVENTS = 400_000;
/** Nobody means ill, nothing rots, and nothing is written to a disk that does not say so. */
const NEVER_LOGGED = new Set(['peer.lied', 'file.corrupt', 'catalogue.send-failed', 'folder.scan-failed']);

/** One world from its beginning until it is quiet, as its seed decides. */
export class Simulation {
  readonly #random: SeededRandom;
  readonly #time = new SimulatedTime();
  readonly #oracle = new Oracle();
  readonly #lan: SimulatedLan;
  readonly #devices: SimulatedDevice[] = [];
  readonly #users: SimulatedUser[] = [];
  readonly #persons: SimulatedPerson[] = [];
  readonly #misfortunes: Misfortunes;
  readonly #troubles: Troubles;
  readonly #odd: OddEvents;
  readonly #mode: RuleSettings['mode'];
  readonly #chronicle: Chronicle;
  #violation: unknown;

  constructor({ seed, trace, sabotage = {}, oddities = {} }: SimulationOptions) {
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
    this.#odd = new OddEvents({
      ...{ seed, fixed: oddities, time: this.#time },
      ...{ devices: this.#devices, oracle: this.#oracle, chronicle: this.#chronicle },
    });
    this.#misfortunes = new Misfortunes({
      ...{ time: this.#time, random: random.fork(), lan: this.#lan, oracle: this.#oracle },
      ...{ troubles: this.#troubles, devices: this.#devices, chronicle: this.#chronicle },
      guard: (check) => this.#guard(check),
    });
    const count = random.pick([2, 2, 3, 3, 4]);
    for (let number = 0; number < count; number += 1) this.#addDevice(number, sabotage);
    this.#chronicle.say(
      'world',
      `${seed}: ${this.#mode}, ${count} devices, ${JSON.stringify({ ...this.#troubles, ...this.#odd.counts })}`,
    );
  }

  /** Rejects with a Violation when something happens that must not. Resolves with the number of events. */
  async run(): Promise<number> {
    // What another world has left in this process must not matter.
    blockBuffers.clear();
    try {
      for (const device of this.#devices) this.#misfortunes.startSoon(device);
      await this.#pass(this.#plan());
      this.#calm();
      await this.#settle();
      if (this.#odd.counts.rot > 0) await this.#mend();
      const { requests, ruleChanges, backups } = this.#troubles;
      const isStrict = requests + ruleChanges + backups === 0;
      demandSettled(this.#devices, this.#mode, this.#oracle, isStrict);
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
      rules: rulesOf(this.#mode, number),
      limits: this.#troubles.limits,
      logger: this.#chronicle.loggerOf(`device${number}`, (event, fields) => {
        if (event === 'file.corrupt' && device.isDamaged(String(fields['path']))) return;
        if (NEVER_LOGGED.has(event)) this.#violation ??= new Violation(tell(number, event, fields));
      }),
      fate: (operation, path) => this.#misfortunes.fateOf(number, operation, path, operations),
      eventFate: () => this.#misfortunes.fateOfEvent(operations),
      onNamed: (path, node) => this.#guard(() => demandWhole(path, node, this.#oracle, device.name)),
      onLost: (path, node) => this.#guard(() => demandKept(path, node, device.name)),
      sabotage,
    });
    this.#devices.push(device);
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
    this.#persons.push(
      new SimulatedPerson({
        device,
        random: random.fork(),
        selectors: SELECTORS,
        trace: (what) => this.#chronicle.say(`person at ${device.name}`, what),
        onViolation: (violation) => (this.#violation ??= violation),
      }),
    );
  }

  /** Decides what users do and what breaks, and when. Returns the end of it. */
  #plan(): number {
    const random = this.#random;
    const time = this.#time;
    const acts = 5 + random.below(30);
    const length = 2000 + random.next() * 25_000;
    const { rest } = this.#odd;
    const when = (at: number) => (at < length / 2 ? at : at + rest);
    for (let act = 0; act < acts; act += 1) {
      const user = random.pick(this.#users);
      const burst = random.chance(0.2) ? 3 : 1;
      const at = random.next() * length;
      for (let one = 0; one < burst; one += 1) time.at(when(at) + one * random.next() * 20, () => user.act());
    }
    for (let step = 0; step < 6; step += 1) {
      time.at(when(random.next() * length), () => this.#misfortunes.disturb());
    }
    for (let act = 0; act < this.#troubles.requests; act += 1) {
      const person = random.pick(this.#persons);
      time.at(when(random.next() * length), () => person.act());
    }
    for (let change = 0; change < this.#troubles.ruleChanges; change += 1) {
      time.at(when(random.next() * length), () => this.#changeRules());
    }
    this.#odd.plan(length, when);
    return rest + length + random.next() * 5000;
  }

  #changeRules(): void {
    const random = this.#random;
    const number = random.below(this.#devices.length);
    const isBack = random.chance(0.3);
    const rules = isBack ? rulesOf(this.#mode, number) : drawRules(random, this.#devices.length, this.#mode);
    this.#chronicle.say(`device${number}`, `has the rules ${JSON.stringify(rules)}`);
    this.#devices[number]!.configure(rules);
  }

  /** Nothing breaks any more, and everybody leaves everything as it is. */
  #calm(): void {
    this.#chronicle.say('world', 'is calm');
    this.#misfortunes.calm();
    this.#odd.calm();
    if (this.#troubles.ruleChanges === 0) return;
    for (const [number, device] of this.#devices.entries()) device.configure(rulesOf(this.#mode, number));
  }

  async #settle(): Promise<void> {
    if (this.#troubles.requests > 0) {
      await this.#pass(this.#time.now + CHECK_MS);
      for (const [number, person] of this.#persons.entries()) {
        await person.letGo();
        // Rules ask again for what was cancelled when they begin anew.
        if (person.hasCancelled) void this.#misfortunes.restart(this.#devices[number]!);
      }
    }
    if (this.#troubles.fault + this.#odd.counts.denials > 0) {
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
      else for (const person of this.#persons) await person.giveUp();
      before = now;
      if (this.#time.now > MAX_SETTLE_MS) throw new Violation('it does not fall quiet');
    }
  }

  /** People find out what their disks have damaged, and get it back from those who have it. */
  async #mend(): Promise<void> {
    // Some has to be mended elsewhere before.
    for (let round = 1; round <= 2; round += 1) {
      await this.#pass(this.#time.now + SETTLED_MS);
      await this.#odd.rot.mend();
      await this.#settle();
    }
    this.#odd.rot.demandMended();
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

function tell(number: number, event: string, fields: LogFields): string {
  return `device${number} says ${event}: ${JSON.stringify(fields)}`;
}
