import type { DeviceId } from '../model/device-id.ts';
import type { DialCandidate } from '../transport/dial-schedule.ts';
import type { DeviceAddress } from './device-address.ts';
import { MAX_PEERS_TOLD } from '../wire/limits.ts';
import { isDiallable, isPort } from './ip-address.ts';
import { RateLimitBySource, type Rate } from './rate-limit.ts';

/** Candidates that one peer may name: at once all that a message holds. */
const RATE: Rate = { burst: MAX_PEERS_TOLD, perSecond: 4 };
const MAX_TELLERS = 256;

/**
 * The candidates in what connected peers tell about others. A peer can name any address: only IP addresses count (a
 * name would make us ask a name server of its choice), and not many of them. Times are ms, monotonic.
 */
export class ToldPeers {
  readonly #own: DeviceId;
  readonly #rates = new RateLimitBySource(RATE, MAX_TELLERS);

  constructor(own: DeviceId) {
    this.#own = own;
  }

  /** What `by` says of others, of those that are not `known` by now. */
  candidates(
    by: DeviceId,
    peers: readonly DeviceAddress[],
    known: ReadonlySet<DeviceId>,
    now: number,
  ): DialCandidate[] {
    return peers
      .filter(({ device }) => device !== this.#own && !known.has(device))
      .filter(({ host, port }) => isDiallable(host) && isPort(port))
      .filter(() => this.#rates.take(by, now))
      .map(({ device, host, port }) => ({ device, host, port, origin: 'told', source: by }));
  }
}
