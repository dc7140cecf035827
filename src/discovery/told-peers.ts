import type { DeviceId } from '../model/device-id.ts';
import type { DialCandidate } from '../transport/dial-schedule.ts';
import type { DeviceAddress } from './device-address.ts';
import { isDiallable, isPort } from './ip-address.ts';
import { RateLimit, type Rate } from './rate-limit.ts';

/** Peers that are taken from one message. */
const MAX_PEERS = 64;
/** Candidates from all messages together. */
const RATE: Rate = { burst: 256, perSecond: 4 };

/**
 * The candidates in what connected peers tell about others. A peer can name any address: only IP addresses count (a
 * name would make us ask a name server of its choice), and not many of them. Times are ms, monotonic.
 */
export class ToldPeers {
  readonly #own: DeviceId;
  readonly #rate = new RateLimit(RATE);

  constructor(own: DeviceId) {
    this.#own = own;
  }

  candidates(peers: readonly DeviceAddress[], now: number): DialCandidate[] {
    return peers
      .slice(0, MAX_PEERS)
      .filter(({ device, host, port }) => device !== this.#own && isDiallable(host) && isPort(port))
      .filter(() => this.#rate.take(now))
      .map(({ device, host, port }) => ({ device, host, port, origin: 'told' }));
  }
}
