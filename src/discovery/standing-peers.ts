import { isIP } from 'node:net';
import type { Clock, Timer } from '../core/clock.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Random } from '../core/random.ts';

/** Finds the IP addresses of a host name. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

export interface StandingPeer {
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
}

export interface StandingPeersOptions<Peer extends StandingPeer> {
  readonly clock: Clock;
  readonly random: Random;
  readonly resolve: ResolveName;
  /** ms before the first round. */
  readonly firstDelayMs: number;
  /** Rounds until the next `restart`; Infinity goes on for ever. */
  readonly rounds: number;
  /** Called in each round for each address of each peer. */
  readonly offer: (peer: Peer, address: string) => void;
  /** Called when a host name leads to no address, once for each reason. */
  readonly onUnresolved?: (host: string, reason: string) => void;
}

const FIRST_INTERVAL_MS = 1000;
const LONGEST_INTERVAL_MS = 60_000;
const JITTER = 0.25;
const MAX_ADDRESSES = 4;

/**
 * Peers whose addresses were given rather than found, offered again and again: after 1, 1, 2, 4 … 60 s. Host names are
 * resolved in each round, one after the other, since their addresses change and a dead name server is slow.
 */
export class StandingPeers<Peer extends StandingPeer> implements Startable {
  readonly #options: StandingPeersOptions<Peer>;
  readonly #peers: readonly Peer[];
  /** Host names with the reasons that were given for them. */
  readonly #unresolved = new Set<string>();
  #round = 0;
  #timer: Timer | undefined;
  #running: AbortController | undefined;

  constructor(peers: readonly Peer[], options: StandingPeersOptions<Peer>) {
    this.#peers = peers;
    this.#options = options;
  }

  async start(): Promise<void> {
    if (!this.#running) this.#begin(this.#options.firstDelayMs);
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Offers them at once and then as often as after the start. */
  restart(): void {
    if (!this.#running) return;
    this.#running.abort();
    this.#begin(0);
  }

  #begin(delayMs: number): void {
    this.#timer?.cancel();
    const running = new AbortController();
    this.#running = running;
    this.#round = 0;
    this.#timer = this.#options.clock.after(delayMs, () => void this.#takeRound(running.signal));
  }

  async #takeRound(signal: AbortSignal): Promise<void> {
    const { clock, random, rounds, offer } = this.#options;
    const named = this.#peers.filter(({ host }) => isIP(host) === 0);
    for (const peer of this.#peers) if (isIP(peer.host) !== 0) offer(peer, peer.host);
    for (const peer of named) {
      const addresses = await this.#addressesOf(peer.host);
      if (signal.aborted) return;
      for (const address of addresses.slice(0, MAX_ADDRESSES)) offer(peer, address);
    }
    this.#round++;
    if (signal.aborted || this.#round >= rounds) return;
    const interval = Math.min(LONGEST_INTERVAL_MS, FIRST_INTERVAL_MS * 2 ** Math.min(16, this.#round - 1));
    this.#timer = clock.after(interval * (1 - JITTER * random.next()), () => void this.#takeRound(signal));
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    const { resolve, onUnresolved } = this.#options;
    try {
      return await resolve(host);
    } catch (error) {
      const reason = systemErrorCode(error) ?? String(error);
      const key = `${host} ${reason}`;
      if (!this.#unresolved.has(key)) onUnresolved?.(host, reason);
      this.#unresolved.add(key);
      return [];
    }
  }
}
