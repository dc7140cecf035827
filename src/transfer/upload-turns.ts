import type { Clock, Timer } from '../core/clock.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import type { Bandwidth } from './bandwidth.ts';

export interface UploadTurnsParts {
  readonly network: Pick<Network, 'session'>;
  readonly bandwidth: Pick<Bandwidth, 'delay' | 'take'>;
  readonly clock: Clock;
}

/** With more than this to wait nobody gets in line. Whoever asks again every second is back in time. ms. */
const MAX_DELAY_MS = 4_000;
/** Nobody stays in line for longer: an asker that hears nothing for 15 s closes the connection. ms. */
const MAX_WAIT_MS = 6_000;
/** Devices of which it is remembered when they had their last turn; the longest ago is forgotten first. */
const MAX_REMEMBERED = 256;

interface Waiting {
  readonly device: DeviceId;
  readonly session: PeerSession | undefined;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly until: number;
  readonly settle: (mayGo: boolean) => void;
}

/** Who may be sent something now, within the limits: of those in line, the device whose last turn is longest ago. */
export class UploadTurns {
  readonly #parts: UploadTurnsParts;
  readonly #line = new Set<Waiting>();
  /** The number of each device's last turn, in ascending order. */
  readonly #turns = new Map<DeviceId, number>();
  #turn = 0;
  #timer: Timer | undefined;

  constructor(parts: UploadTurnsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with true when so many bytes may be sent to `device`, and with false when it is to ask again later: by
   * then nothing has been charged, and nobody has waited for longer than 6 s.
   */
  async wait(device: DeviceId, bytes: number): Promise<boolean> {
    const { network, bandwidth, clock } = this.#parts;
    const delay = bandwidth.delay('up', device);
    if (delay > MAX_DELAY_MS) return false;
    if (delay === 0 && this.#line.size === 0) {
      this.#charge(device, bytes);
      return true;
    }
    const until = clock.monotonic() + MAX_WAIT_MS;
    return new Promise((settle) => {
      this.#line.add({ device, session: network.session(device), bytes, until, settle });
      this.#advance();
    });
  }

  /** Sends away all who are in line. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const waiting of [...this.#line]) this.#settle(waiting, false);
  }

  readonly #advance = (): void => {
    const { clock } = this.#parts;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const waiting of [...this.#line]) {
      if (this.#isGone(waiting) || waiting.until <= clock.monotonic()) this.#settle(waiting, false);
    }
    for (let next = this.#next(); next; next = this.#next()) {
      this.#charge(next.device, next.bytes);
      this.#settle(next, true);
    }
    if (this.#line.size === 0) return;
    const now = clock.monotonic();
    const waits = [...this.#line].map(({ device, until }) => Math.min(this.#delay(device), until - now));
    this.#timer = clock.after(Math.min(...waits), this.#advance);
  };

  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#line) {
      if (this.#delay(waiting.device) > 0) continue;
      if (!next || this.#lastTurn(waiting) < this.#lastTurn(next)) next = waiting;
    }
    return next;
  }

  #isGone({ device, session }: Waiting): boolean {
    return this.#parts.network.session(device) !== session;
  }

  #delay(device: DeviceId): number {
    return this.#parts.bandwidth.delay('up', device);
  }

  #lastTurn({ device }: Waiting): number {
    return this.#turns.get(device) ?? 0;
  }

  #charge(device: DeviceId, bytes: number): void {
    this.#parts.bandwidth.take('up', device, bytes);
    this.#turns.delete(device);
    this.#turns.set(device, (this.#turn += 1));
    if (this.#turns.size > MAX_REMEMBERED) this.#turns.delete(this.#turns.keys().next().value!);
  }

  #settle(waiting: Waiting, mayGo: boolean): void {
    this.#line.delete(waiting);
    waiting.settle(mayGo);
  }
}
