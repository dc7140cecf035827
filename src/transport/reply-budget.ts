import type { DeviceId } from '../model/device-id.ts';

/**
 * Bytes of blocks that may be in memory for all peers together. No peer has more of them than it leaves to others, or
 * one that asks and does not read would keep all others waiting. Whoever gets none is called when some are given back,
 * one after the other.
 */
export class ReplyBudget {
  #free: number;
  readonly #total: number;
  /** Bytes that each peer has. */
  readonly #taken = new Map<DeviceId, number>();
  readonly #waiting = new Set<() => void>();

  constructor(bytes: number) {
    this.#total = bytes;
    this.#free = bytes;
  }

  /** Whether `bytes` were taken. More than there are in all can be taken when nobody has any. */
  take(device: DeviceId, bytes: number, retry: () => void): boolean {
    const taken = this.#taken.get(device) ?? 0;
    const left = this.#free - bytes;
    const isFair = left >= 0 && (taken === 0 || taken + bytes <= left);
    if (!isFair && this.#free !== this.#total) {
      this.#waiting.add(retry);
      return false;
    }
    this.#free = left;
    this.#taken.set(device, taken + bytes);
    this.#waiting.delete(retry);
    return true;
  }

  give(device: DeviceId, bytes: number): void {
    this.#free += bytes;
    const taken = this.#taken.get(device)! - bytes;
    if (taken > 0) this.#taken.set(device, taken);
    else this.#taken.delete(device);
    for (const retry of [...this.#waiting]) {
      if (this.#free <= 0) return;
      this.#waiting.delete(retry);
      retry();
    }
  }

  /** `retry` will not be called again. */
  forget(retry: () => void): void {
    this.#waiting.delete(retry);
  }
}
