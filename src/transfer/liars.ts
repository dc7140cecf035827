import { CompartidosError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { DeviceId } from '../model/device-id.ts';
import type { Network, PeerSession } from '../transport/network.ts';
import type { Pull } from './pull.ts';

/** Peers that sent bytes that are not what they were asked for: they are asked nothing more while their session lasts. */
export class Liars {
  readonly #network: Pick<Network, 'session'>;
  readonly #logger: Logger;
  readonly #devices = new Set<DeviceId>();

  constructor(network: Pick<Network, 'session'>, logger: Logger) {
    this.#network = network;
    this.#logger = logger;
  }

  has(device: DeviceId): boolean {
    return this.#devices.has(device);
  }

  /** The peer of `session` has lied to `pulls`, one or more. */
  denounce(session: PeerSession, pulls: readonly Pull[]): void {
    const { device, name } = session;
    if (!this.#devices.has(device)) {
      // The answer may outlive its session: the next one does not begin with the blame.
      if (this.#network.session(device) === session) this.#devices.add(device);
      this.#logger.warn('peer.lied', { device, name, path: pulls[0]!.content.path });
    }
    for (const pull of pulls) {
      const error = new CompartidosError('HASH_MISMATCH', { path: pull.content.path, device: name });
      pull.source(device)?.exclude(error);
    }
  }

  /** Its session is over. */
  forget(device: DeviceId): void {
    this.#devices.delete(device);
  }
}
