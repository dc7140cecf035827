import type { Catalogue, KnownPeer } from '../../src/catalogue/catalogue.ts';
import type { DeviceId } from '../../src/model/device-id.ts';

/** What `catalogue` knows of `device`. */
export function knownPeer(catalogue: Pick<Catalogue, 'peers'>, device: DeviceId): KnownPeer | undefined {
  return catalogue.peers().find((peer) => peer.device === device);
}
