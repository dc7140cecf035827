import type { Chronicle } from './chronicle.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedDevice } from './simulated-device.ts';

interface JumpParts {
  readonly devices: readonly SimulatedDevice[];
  readonly random: SeededRandom;
  readonly chronicle: Chronicle;
}

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
/** ms: a correction, a wrong time zone, an empty battery, a typing error. */
const JUMPS = [-3000, -HOUR, HOUR, -5 * YEAR, 3 * YEAR, 20 * YEAR];

/** Clocks that somebody sets wrong, and right again. */
export class ClockJumps {
  readonly #parts: JumpParts;
  readonly #skews = new Map<SimulatedDevice, number>();

  constructor(parts: JumpParts) {
    this.#parts = parts;
  }

  act(): void {
    const { devices, random, chronicle } = this.#parts;
    const device = random.pick(devices);
    const skew = this.#skews.get(device) ?? device.skew;
    const isRight = device.skew === skew;
    this.#skews.set(device, skew);
    device.skew = isRight ? skew + random.pick(JUMPS) : skew;
    chronicle.say(device.name, `has a clock that is ${device.skew} ms ahead`);
  }

  /** All are right again. */
  clear(): void {
    for (const [device, skew] of this.#skews) device.skew = skew;
  }
}
