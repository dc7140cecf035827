import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ClassicPeers } from '../catalogue/classic-peers.ts';
import type { PeerTelling } from '../catalogue/peer-telling.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { Discovery } from '../discovery/discovery.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Sessions } from '../transport/sessions.ts';

export interface FindingParts {
  readonly self: DeviceId;
  readonly settings: Settings;
  readonly network: Sessions;
  readonly catalogue: Catalogue;
  readonly telling: PeerTelling;
  readonly classicPeers: ClassicPeers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Leads what discovery finds to those who dial, and what becomes of it back. Started after the network listens. */
export class Finding implements Startable {
  readonly #parts: FindingParts;
  #name: string;
  #discovery: Discovery | undefined;
  #removers: (() => void)[] = [];

  constructor(parts: FindingParts) {
    this.#parts = parts;
    this.#name = parts.settings.name;
  }

  async start(): Promise<void> {
    if (this.#discovery) return;
    const { self, settings, network, catalogue, telling, classicPeers, ...common } = this.#parts;
    const discovery = new Discovery({
      ...common,
      ...settings.discovery,
      device: self,
      name: this.#name,
      port: network.localPort,
      remembered: catalogue.peers().sort((a, b) => b.lastSeen - a.lastSeen),
    });
    this.#discovery = discovery;
    this.#removers = [
      discovery.events.on('candidate', (candidate) => {
        // What is in the configuration may be a classic node, which must not be shown a TLS handshake.
        if (candidate.origin === 'static') void classicPeers.offer(candidate);
        else network.offer(candidate);
      }),
      classicPeers.events.on('native', ({ host, port }) => network.offer({ host, port, origin: 'static' })),
      discovery.events.on('networkChanged', (addresses) => network.networkChanged(addresses)),
      network.events.on('connected', ({ device, host, port }) => discovery.connected(device, host, port)),
      network.events.on('disconnected', ({ device }) => discovery.disconnected(device)),
      telling.events.on('told', (by, peers) => discovery.told(by, peers)),
    ];
    for (const { device, host, port } of network.sessions()) discovery.connected(device, host, port);
    await discovery.start();
  }

  async stop(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers = [];
    await this.#discovery?.stop();
    this.#discovery = undefined;
  }

  /** Takes up another display name. */
  rename(name: string): void {
    if (name === this.#name) return;
    this.#name = name;
    void this.#discovery?.rename(name);
    if (this.#discovery) this.#parts.network.reintroduce();
  }
}
