import { lookup } from 'node:dns/promises';
import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import { silentLogger, type Logger } from '../core/logger.ts';
import { systemRandom, type Random } from '../core/random.ts';
import { systemClock } from '../core/system-clock.ts';
import type { DeviceId } from '../model/device-id.ts';
import { advertisementOf, type Advertisement } from './advertisement.ts';
import type { Announcement } from './announcement.ts';
import type { DialCandidate } from '../transport/dial-schedule.ts';
import type { DeviceAddress } from './device-address.ts';
import { CandidateCache } from './candidate-cache.ts';
import { withoutZone } from '../transport/address.ts';
import { systemLinks, type Link, type ListLinks } from './link.ts';
import { LinkMonitor } from './link-monitor.ts';
import { MdnsResponders } from './mdns-responders.ts';
import { StandingPeers, type ResolveName, type StandingPeer } from './standing-peers.ts';
import { ToldPeers } from './told-peers.ts';

export type DiscoveryEvents = {
  /** A peer may be here: to be dialled and verified. The candidates of one device come best first. */
  candidate: [candidate: DialCandidate];
  /** Interfaces or addresses have changed, or the machine has slept; `addresses` are those that it has now. */
  networkChanged: [addresses: readonly string[]];
};

export interface DiscoveryOptions {
  readonly device: DeviceId;
  /** The display name. */
  readonly name: string;
  /** The TCP port on which this device listens. */
  readonly port: number;
  /** Whether to announce and to browse by multicast. */
  readonly mdns: boolean;
  /** Peers of the configuration. */
  readonly peers: readonly StandingPeer[];
  /** Where devices were in earlier runs, the latest first. */
  readonly remembered: readonly DeviceAddress[];
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly listLinks?: ListLinks;
  readonly resolve?: ResolveName;
}

const MAX_REMEMBERED = 256;
/** Most remembered peers announce themselves before this. */
const REMEMBERED_DELAY_MS = 500;
const REMEMBERED_ROUNDS = 4;

/** Finds where other devices may be, by every way there is, and hands that out as candidates. */
export class Discovery implements Startable {
  readonly events = new Emitter<DiscoveryEvents>();
  readonly #mdns: boolean;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #monitor: LinkMonitor;
  readonly #responders: MdnsResponders;
  readonly #cache = new CandidateCache();
  readonly #static: StandingPeers<StandingPeer>;
  readonly #remembered: StandingPeers<DeviceAddress>;
  readonly #told: ToldPeers;
  readonly #connected = new Set<DeviceId>();
  #advertisement: Advertisement;
  #own: ReadonlySet<string> = new Set();
  #removeListeners: (() => void)[] = [];

  /** @throws DEVICE_ID_INVALID, INTERNAL for a port outside 1…65535 */
  constructor(options: DiscoveryOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
    const { resolve = systemResolve, listLinks = systemLinks } = options;
    this.#advertisement = advertisementOf(options);
    this.#mdns = options.mdns;
    this.#clock = clock;
    this.#logger = logger;
    this.#monitor = new LinkMonitor({ clock, list: listLinks });
    this.#responders = new MdnsResponders({ clock, random, logger });
    this.#told = new ToldPeers(options.device);
    this.#static = new StandingPeers(options.peers, {
      ...{ clock, random, resolve },
      firstDelayMs: 0,
      rounds: Infinity,
      offer: ({ port }, host) => this.#offer({ host, port, origin: 'static' }),
      onUnresolved: (host, reason) => logger.warn('discovery.unresolved', { host, reason }),
    });
    this.#remembered = new StandingPeers(options.remembered.slice(0, MAX_REMEMBERED), {
      ...{ clock, random, resolve },
      firstDelayMs: REMEMBERED_DELAY_MS,
      rounds: REMEMBERED_ROUNDS,
      offer: ({ device, port }, host) => {
        if (!this.#connected.has(device)) this.#offer({ device, host, port, origin: 'remembered' });
      },
    });
  }

  async start(): Promise<void> {
    if (this.#removeListeners.length > 0) return;
    this.#removeListeners = [
      this.#monitor.events.on('changed', (links) => this.#changeNetwork(links)),
      this.#responders.events.on('announced', (...heard) => this.#hear(...heard)),
    ];
    await this.#monitor.start();
    this.#own = new Set(addressesOf(this.#monitor.links));
    if (this.#mdns) await this.#responders.update(this.#monitor.links, this.#advertisement);
    await this.#static.start();
    await this.#remembered.start();
  }

  /** Says goodbye to the network. */
  async stop(): Promise<void> {
    for (const remove of this.#removeListeners) remove();
    this.#removeListeners = [];
    await Promise.all([this.#monitor.stop(), this.#static.stop(), this.#remembered.stop()]);
    await this.#responders.stop();
  }

  /** Takes up another display name. */
  async rename(name: string): Promise<void> {
    const { device, port } = this.#advertisement;
    const advertisement = advertisementOf({ device, name, port });
    if (advertisement.text.n === this.#advertisement.text.n) return;
    this.#advertisement = advertisement;
    if (!this.#mdns || this.#removeListeners.length === 0) return;
    await this.#responders.update(this.#monitor.links, this.#advertisement);
  }

  /** Takes up what a connected peer tells about others; it is checked here. */
  told(by: DeviceId, peers: readonly DeviceAddress[]): void {
    const candidates = this.#told.candidates(by, peers, this.#connected, this.#clock.monotonic());
    for (const candidate of candidates) this.#offer(candidate);
  }

  /** Is to be called when a session with `device` begins. */
  connected(device: DeviceId, host: string, port: number): void {
    this.#connected.add(device);
    this.#cache.worked(device, host, port);
  }

  /** Is to be called when the session with `device` ends: wherever it may be now is offered at once, and asked for. */
  disconnected(device: DeviceId): void {
    if (!this.#connected.delete(device)) return;
    for (const candidate of this.#cache.candidatesOf(device)) this.#offer(candidate);
    this.#responders.askSoon();
  }

  #hear(announcement: Announcement, source: string): void {
    // A goodbye may be forged: whether a peer is gone, its connection tells.
    if (announcement.leaving) return;
    // Each of our interfaces hears the others. This device announced from elsewhere is worth a look.
    if (announcement.device === this.#advertisement.device && this.#own.has(withoutZone(source))) return;
    const candidates = this.#cache.heard(announcement, source, this.#clock.monotonic());
    for (const candidate of candidates) {
      // The addresses of container networks are the same on every host: what is announced may be our own.
      if (candidate.host === source || !this.#own.has(candidate.host)) this.#offer(candidate);
    }
  }

  #changeNetwork(links: readonly Link[]): void {
    const addresses = addressesOf(links);
    this.#own = new Set(addresses);
    this.#logger.info('network.changed', { addresses: addresses.join(' ') });
    this.events.emit('networkChanged', addresses);
    this.#static.restart();
    this.#remembered.restart();
    if (this.#mdns) void this.#responders.update(links, this.#advertisement);
  }

  #offer(candidate: DialCandidate): void {
    const { device, host, port, origin } = candidate;
    this.#logger.debug('candidate.found', { device, host, port, origin });
    this.events.emit('candidate', candidate);
  }
}

function addressesOf(links: readonly Link[]): string[] {
  return links.flatMap((link) => link.addresses.map(({ address }) => address));
}

async function systemResolve(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}
