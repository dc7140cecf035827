import type { Chronicle } from './chronicle.ts';
import { ClockJumps } from './clock-jumps.ts';
import { Denials } from './denials.ts';
import { DiskRot, SETTLED_MS } from './disk-rot.ts';
import { IgnoreFiles } from './ignore-files.ts';
import { drawOddities, type Oddities } from './oddities.ts';
import type { Oracle } from './oracle.ts';
import { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-clock.ts';
import type { SimulatedDevice } from './simulated-device.ts';

export interface OddParts {
  readonly seed: number;
  /** Whatever the seed decides of these. */
  readonly fixed: Partial<Oddities>;
  readonly time: SimulatedTime;
  readonly devices: readonly SimulatedDevice[];
  readonly oracle: Oracle;
  readonly chronicle: Chronicle;
}

/** What comes to few worlds only, as a source of randomness of its own decides: it changes no other world. */
export class OddEvents {
  readonly counts: Oddities;
  readonly rot: DiskRot;
  readonly #time: SimulatedTime;
  readonly #random: SeededRandom;
  readonly #ignoreFiles: IgnoreFiles;
  readonly #denials: Denials;
  readonly #clockJumps: ClockJumps;

  constructor({ seed, fixed, ...others }: OddParts) {
    this.#time = others.time;
    this.#random = new SeededRandom(seed ^ 0x0ddba11);
    this.counts = { ...drawOddities(this.#random), ...fixed };
    const parts = () => ({ ...others, random: this.#random.fork() });
    this.rot = new DiskRot(parts());
    this.#ignoreFiles = new IgnoreFiles(parts());
    this.#denials = new Denials(parts());
    this.#clockJumps = new ClockJumps(parts());
  }

  /** ms that people have to rest in the middle: what rots has to lie untouched before. */
  get rest(): number {
    return this.counts.rot > 0 ? SETTLED_MS + 2000 : 0;
  }

  /** Plans them for the time until `length` (ms); `when` says when something happens that would without the rest. */
  plan(length: number, when: (at: number) => number): void {
    const random = this.#random;
    const { rot, ignoring, denials, clockJumps } = this.counts;
    const plan = (count: number, from: number, act: () => void) => {
      for (let one = 0; one < count; one += 1) {
        this.#time.at(when(from + random.next() * (length - from)), act);
      }
    };
    plan(rot, length / 2, () => this.rot.act());
    plan(ignoring, 0, () => this.#ignoreFiles.act());
    plan(denials, 0, () => this.#denials.act());
    plan(clockJumps, 0, () => this.#clockJumps.act());
  }

  /** Nothing is odd any more but what has rotted. */
  calm(): void {
    this.#ignoreFiles.clear();
    this.#denials.clear();
    this.#clockJumps.clear();
  }
}
