import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { DeviceId } from '../model/device-id.ts';

/** Whoever has not tried for so long has gone, or has another release by now: it tries once a minute. ms. */
const FORGET_MS = 180_000;
/** Devices that are told of; whoever calls as many others would fill the screen. */
const MAX_DEVICES = 8;

/**
 * Watches for agents that speak no version of the protocol that we speak (PROTOCOL.md, 5.4): they are there and are not
 * seen, so a person has to be told.
 */
export class ReleaseWatch {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Where each was first met, and when last, on the monotonic clock. */
  readonly #met = new Map<DeviceId, { readonly address: string; readonly at: number }>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** `device`, at `address`, and we do not understand each other. */
  met(device: DeviceId, address: string): void {
    this.#forgetOld();
    const known = this.#met.get(device);
    if (!known && this.#met.size >= MAX_DEVICES) return;
    this.#met.set(device, { address: known?.address ?? address, at: this.#clock.monotonic() });
    if (!known) this.#logger.warn('peer.incompatible', { address });
  }

  /** `device` and we do. */
  agreed(device: DeviceId): void {
    this.#met.delete(device);
  }

  /** What to tell as long as there are any. */
  get problems(): readonly { readonly event: string; readonly fields: Readonly<Record<string, string>> }[] {
    this.#forgetOld();
    return [...this.#met.values()].map(({ address }) => ({
      event: 'peer.incompatible',
      fields: { address },
    }));
  }

  #forgetOld(): void {
    const now = this.#clock.monotonic();
    for (const [device, { at }] of this.#met) if (now - at >= FORGET_MS) this.#met.delete(device);
  }
}
