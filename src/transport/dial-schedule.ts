import type { Clock, Timer } from '../core/clock.ts';
import { isCompartidosError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { DeviceId } from '../model/device-id.ts';
import { hostAndPort } from './address.ts';
import { MAX_DIALS, mostDispensable, nextDue, type Dialled, type Origin } from './dial-order.ts';
import { retryDelay } from './retry-delay.ts';

/** Somewhere a peer may be; the handshake shows who is there. */
export interface DialCandidate {
  /** The device that is said to be there; undefined when only the address is known. */
  readonly device?: DeviceId | undefined;
  /** IP address; a link-local IPv6 address carries its zone (`fe80::1%eth0`). */
  readonly host: string;
  /** 1…65535. */
  readonly port: number;
  readonly origin: Origin;
  /**
   * Who says so: the address that announces it, or the device that tells of it; `host` unless given, as where it was once.
   * Whoever says much waits for itself.
   */
  readonly source?: string;
}

const MAX_CANDIDATES = 512;
/**
 * When a dial has not led anywhere after this long, another to the same address is begun beside it: where packets are
 * lost, TCP waits for a second before it repeats its first one. ms.
 */
const HEDGE_MS = 400;
const MAX_HEDGES = 3;
/**
 * When the other end has been reached, so much later: it is busy, and another handshake would make it busier. Where many
 * agents begin at once, as in a classroom in the morning, all have handshakes with all others to get through. ms.
 */
const REACHED_HEDGE_MS = 5_000;
/** The device with the larger id lets the other one dial first: one handshake instead of two. ms. */
const COURTESY_MS = 100;
/** A candidate that fails is kept as long as it was last offered no longer ago than this. ms. */
const OFFER_LIFETIME_MS = 180_000;
/** An offer of an address that is being retried makes it due at once, but no more often. ms. */
const MIN_INTERVAL_MS = 1_000;
/** Where this device is announced and was found it is called again, but no more often. ms. */
const TWIN_INTERVAL_MS = 60_000;
/** So often it is looked who is at an address of the configuration while the one who was there is connected. ms. */
const LOOK_INTERVAL_MS = 60_000;

interface Entry extends Dialled {
  readonly port: number;
  /** Who was there last. */
  found: DeviceId | undefined;
  offeredAt: number;
  /** We are there ourselves. */
  isSelf: boolean;
  /** Until it is due, or until the next hedge. */
  timer: Timer | undefined;
  readonly dials: Set<AbortController>;
}

export interface DialScheduleOptions {
  readonly own: DeviceId;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly isConnected: (device: DeviceId) => boolean;
  /**
   * Dials and, unless there is a session with whoever answers, begins one. Resolves with who answered, ourselves
   * included; rejects when nobody did or when no session came about. Calls `reached` as soon as there is a connection,
   * before anybody has proved who he is.
   */
  readonly dial: (
    candidate: { host: string; port: number; expect: DeviceId | undefined },
    signal: AbortSignal,
    reached: () => void,
  ) => Promise<DeviceId>;
}

/** Decides when to dial whom: as soon as a candidate appears, and ever more rarely while it does not answer. */
export class DialSchedule {
  readonly #options: DialScheduleOptions;
  /** By address; those offered longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #due = new Set<Entry>();
  #isStopped = false;

  constructor(options: DialScheduleOptions) {
    this.#options = options;
  }

  /** Candidates that are known. */
  get size(): number {
    return this.#entries.size;
  }

  offer({ device, host, port, origin, source = host }: DialCandidate): void {
    const { own, clock } = this.#options;
    // Whoever announces this device from elsewhere is a twin, and learns of it by being called.
    if (this.#isStopped || (device === own && origin !== 'mdns')) return;
    const key = hostAndPort(host, port);
    const now = clock.monotonic();
    const known = this.#entries.get(key);
    const entry: Entry = known ?? {
      ...{ host, port, origin, source, expect: device, found: undefined, offeredAt: now },
      ...{
        dialledAt: -Infinity,
        failures: 0,
        isSelf: false,
        timer: undefined,
        dials: new Set<AbortController>(),
      },
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.offeredAt = now;
    if (device !== undefined && device !== entry.expect) {
      entry.expect = device;
      entry.found = undefined;
      entry.failures = 0;
      entry.isSelf = false;
    }
    if (origin === 'static') entry.origin = origin;
    // Who announces itself does not wait with what others say, nor because others say it, too.
    if (source === host) entry.source = source;
    if (!known) {
      this.#makeRoom();
      this.#arm(entry, this.#courtesy(entry));
    } else if (entry.dials.size === 0 && now - entry.dialledAt >= MIN_INTERVAL_MS) {
      const rested = now - entry.dialledAt;
      if (device === own && rested >= TWIN_INTERVAL_MS) entry.isSelf = false;
      // The configuration names a place: whoever was there may have another address by now, and somebody else that one.
      if (device === undefined && rested >= LOOK_INTERVAL_MS) entry.expect = entry.found = undefined;
      this.#arm(entry, 0);
    }
  }

  /** A session with `device` has begun: nobody is dialled for it any more. */
  began(device: DeviceId): void {
    for (const entry of this.#of(device)) this.#park(entry);
  }

  /** The session with `device` has ended. `failures`: how often in a row it is to be taken to have failed. */
  ended(device: DeviceId, failures: 'one-more' | number): void {
    for (const entry of this.#of(device)) {
      entry.failures = failures === 'one-more' ? entry.failures + 1 : failures;
      const { random } = this.#options;
      this.#arm(entry, entry.failures === 0 ? this.#courtesy(entry) : retryDelay(entry.failures, random));
    }
  }

  /** What failed may work now. */
  networkChanged(): void {
    for (const entry of this.#entries.values()) {
      entry.failures = 0;
      entry.isSelf = false;
      this.#park(entry);
      this.#arm(entry, 0);
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) this.#park(entry);
    this.#entries.clear();
  }

  #courtesy(entry: Entry): number {
    return entry.expect !== undefined && this.#options.own > entry.expect ? COURTESY_MS : 0;
  }

  /** Makes `entry` due in `ms`, unless there is nothing to dial for. */
  #arm(entry: Entry, ms: number): void {
    entry.timer?.cancel();
    if (this.#isStopped || this.#isIdle(entry)) return;
    entry.timer = this.#options.clock.after(ms, () => {
      this.#due.add(entry);
      this.#pump();
    });
  }

  /** Ends all that is under way for `entry`. */
  #park(entry: Entry): void {
    entry.timer?.cancel();
    this.#due.delete(entry);
    for (const dial of entry.dials) dial.abort();
    entry.dials.clear();
  }

  #isIdle(entry: Entry): boolean {
    const { isConnected } = this.#options;
    return entry.isSelf || [entry.expect, entry.found].some((device) => device && isConnected(device));
  }

  /** Dials those that are due, as many as may be. */
  #pump(): void {
    if (this.#due.size === 0) return;
    const running = [...this.#entries.values()].flatMap((entry) => [...entry.dials].map(() => entry));
    while (running.length < MAX_DIALS) {
      const entry = nextDue(this.#due, running, this.#entries.values());
      if (!entry) return;
      this.#due.delete(entry);
      if (this.#isIdle(entry)) continue;
      running.push(entry);
      void this.#dial(entry);
    }
  }

  async #dial(entry: Entry): Promise<void> {
    const { clock, dial, own, random, logger } = this.#options;
    const controller = new AbortController();
    entry.dials.add(controller);
    entry.dialledAt = clock.monotonic();
    const hedgeIn = (ms: number) => {
      if (entry.dials.size < MAX_HEDGES) this.#arm(entry, ms);
    };
    const reached = () => {
      if (!entry.dials.has(controller)) return;
      this.#due.delete(entry);
      hedgeIn(REACHED_HEDGE_MS);
    };
    hedgeIn(HEDGE_MS);
    try {
      const device = await dial(entry, controller.signal, reached);
      entry.dials.delete(controller);
      entry.found = device;
      entry.isSelf = device === own;
      this.#park(entry);
      // Whoever answers may have refused us as a duplicate of a session that has ended meanwhile.
      this.#arm(entry, MIN_INTERVAL_MS);
    } catch (error) {
      // One that was not aborted, and was not the last: the others may still succeed.
      if (!entry.dials.delete(controller) || entry.dials.size > 0) return;
      entry.failures += 1;
      const reason = isCompartidosError(error) ? String(error.params['reason'] ?? error.code) : String(error);
      logger.debug('dial.failed', { address: hostAndPort(entry.host, entry.port), reason });
      if (reason === 'other-device' && entry.origin === 'static') {
        entry.expect = undefined;
        entry.failures = 1;
      }
      if (clock.monotonic() - entry.offeredAt >= OFFER_LIFETIME_MS) this.#remove(entry);
      else this.#arm(entry, retryDelay(entry.failures, random));
    } finally {
      this.#pump();
    }
  }

  #of(device: DeviceId): Entry[] {
    return [...this.#entries.values()].filter(({ expect, found }) => (found ?? expect) === device);
  }

  #makeRoom(): void {
    if (this.#entries.size <= MAX_CANDIDATES) return;
    const all = [...this.#entries.values()];
    const others = all.filter((entry) => entry.origin !== 'static' && !this.#isIdle(entry));
    this.#remove(mostDispensable(others) ?? all[0]!);
  }

  #remove(entry: Entry): void {
    this.#park(entry);
    this.#entries.delete(hostAndPort(entry.host, entry.port));
  }
}
