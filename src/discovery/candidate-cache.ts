import type { DeviceId } from '../model/device-id.ts';
import type { Announcement } from './announcement.ts';
import type { DialCandidate } from '../transport/dial-schedule.ts';
import { RateLimitBySource, type Rate } from './rate-limit.ts';

/** An address that a device was announced from. */
interface Sighting {
  readonly port: number;
  readonly announced: readonly string[];
  offeredAt: number;
}

interface KnownDevice {
  /** By source address; the latest last. */
  readonly sightings: Map<string, Sighting>;
  /** Who announced it first: the count of its devices includes it. */
  readonly countedFor: string;
}

const MAX_DEVICES = 1024;
/** Devices that one source may announce: several agents on one host, or a reflector for another network. */
const MAX_DEVICES_PER_SOURCE = 64;
const MAX_SIGHTINGS = 8;
/** The same candidate is not offered more often. */
const OFFER_INTERVAL_MS = 1000;
/** Offers that one source can cause. */
const OFFER_RATE: Rate = { burst: 128, perSecond: 32 };
const MAX_SOURCES = 512;

/**
 * What was announced lately, so that what is new can be told from what is repeated. Bounded: the device that was heard
 * of longest ago is forgotten first, and whoever forges many crowds out none but its own. Times are ms, monotonic.
 */
export class CandidateCache {
  readonly #devices = new Map<DeviceId, KnownDevice>();
  readonly #devicesOf = new Map<string, Set<DeviceId>>();
  readonly #worked = new Map<DeviceId, { readonly host: string; readonly port: number }>();
  readonly #offers = new RateLimitBySource(OFFER_RATE, MAX_SOURCES);

  /** Devices that are remembered. */
  get size(): number {
    return this.#devices.size;
  }

  /** Notes where a connection to `device` succeeded. */
  worked(device: DeviceId, host: string, port: number): void {
    this.#worked.delete(device);
    this.#worked.set(device, { host, port });
    if (this.#worked.size > MAX_DEVICES) this.#worked.delete(this.#worked.keys().next().value!);
  }

  /**
   * Notes an announcement and returns what to dial for it, best first; nothing when that was offered a moment ago.
   * A new device or a new address is offered at once.
   */
  heard({ device, port, addresses }: Announcement, source: string, now: number): DialCandidate[] {
    const { sightings } = this.#touch(device, source);
    const before = sightings.get(source);
    const due = before?.port !== port || now - before.offeredAt >= OFFER_INTERVAL_MS;
    const offered = due && this.#offers.take(source, now);
    const sighting = {
      port,
      announced: addresses,
      offeredAt: offered ? now : (before?.offeredAt ?? -Infinity),
    };
    sightings.delete(source);
    sightings.set(source, sighting);
    if (sightings.size > MAX_SIGHTINGS) sightings.delete(sightings.keys().next().value!);
    return offered ? this.#candidates(device, [[source, sighting]]) : [];
  }

  /** Everywhere `device` may be, best first. */
  candidatesOf(device: DeviceId): DialCandidate[] {
    return this.#candidates(device, [...(this.#devices.get(device)?.sightings ?? [])].reverse());
  }

  /** Source addresses first, then where a connection succeeded last, then what was announced. */
  #candidates(device: DeviceId, sightings: readonly [source: string, sighting: Sighting][]): DialCandidate[] {
    const candidates = new Map<string, DialCandidate>();
    const add = (candidate: DialCandidate): void => {
      const key = `${candidate.host} ${candidate.port}`;
      if (!candidates.has(key)) candidates.set(key, candidate);
    };
    for (const [source, { port }] of sightings) add({ device, host: source, port, origin: 'mdns', source });
    const worked = this.#worked.get(device);
    if (worked) add({ device, ...worked, origin: 'remembered' });
    for (const [source, { announced, port }] of sightings) {
      for (const host of announced) add({ device, host, port, origin: 'mdns', source });
    }
    return [...candidates.values()];
  }

  #touch(device: DeviceId, source: string): KnownDevice {
    const known = this.#devices.get(device) ?? { sightings: new Map<string, Sighting>(), countedFor: source };
    this.#devices.delete(device);
    this.#devices.set(device, known);
    const siblings = this.#devicesOf.get(known.countedFor) ?? new Set();
    this.#devicesOf.set(known.countedFor, siblings);
    siblings.delete(device);
    siblings.add(device);
    if (siblings.size > MAX_DEVICES_PER_SOURCE) this.#forget(siblings.values().next().value!);
    if (this.#devices.size > MAX_DEVICES) this.#forget(this.#devices.keys().next().value!);
    return known;
  }

  #forget(device: DeviceId): void {
    const source = this.#devices.get(device)?.countedFor;
    this.#devices.delete(device);
    if (source === undefined) return;
    const siblings = this.#devicesOf.get(source);
    siblings?.delete(device);
    if (siblings?.size === 0) this.#devicesOf.delete(source);
  }
}
