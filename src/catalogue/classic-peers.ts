import type { Clock, Timer } from '../core/clock.ts';
import { Emitter } from '../core/emitter.ts';
import type { Startable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';

/** Where a peer listens. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ClassicPeer extends PeerAddress {
  readonly online: boolean;
  /** Names that it said it has when it was last asked. */
  readonly names: ReadonlySet<string>;
}

export type ClassicPeersEvents = {
  /** A static peer speaks the native protocol. */
  native: [address: PeerAddress];
  /** A classic peer came online or went offline. */
  changed: [peer: ClassicPeer];
  /** A classic peer has a name that is watched. */
  found: [peer: ClassicPeer, name: string];
};

/** How classic peers are asked: `transport/classic-client.ts`. */
export interface ClassicQueries {
  /** Rejects when nobody answers at that address, or not as an agent or a classic node does. */
  probe(address: PeerAddress): Promise<'native' | 'classic'>;
  /** Whether the peer has a file of this name. Rejects when it cannot be asked. */
  search(address: PeerAddress, name: string): Promise<boolean>;
}

interface Peer {
  readonly address: PeerAddress;
  online: boolean;
  readonly names: Set<string>;
  /** Resolves when nothing that was asked so far is under way any more. Never rejects. */
  turn: Promise<void>;
  /** Whether it is being asked for everything. */
  isInRound: boolean;
}

/** Names that people asked for lately and that are asked for again in each round. */
const MAX_ASKED_NAMES = 100;

/**
 * The static peers that speak the classic protocol only. They announce nothing and cannot list, so they are asked,
 * name by name, for what people and literal rules want.
 */
export class ClassicPeers implements Startable {
  readonly events = new Emitter<ClassicPeersEvents>();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queries: ClassicQueries;
  readonly #intervalMs: number;
  readonly #peers = new Map<string, Peer>();
  readonly #probing = new Set<string>();
  readonly #asked = new Set<string>();
  #ruleNames: readonly string[] = [];
  #timer: Timer | undefined;

  constructor(parts: { clock: Clock; logger: Logger; queries: ClassicQueries; intervalMs: number }) {
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#queries = parts.queries;
    this.#intervalMs = parts.intervalMs;
  }

  async start(): Promise<void> {
    this.#timer ??= this.#clock.every(this.#intervalMs, () => {
      for (const peer of this.#peers.values()) void this.#round(peer);
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.events.removeAllListeners();
  }

  peers(): ClassicPeer[] {
    return [...this.#peers.values()].map(view);
  }

  /** A static peer of unknown kind: finds out in clear text, which every kind of peer survives. */
  async offer(address: PeerAddress): Promise<void> {
    const key = keyOf(address);
    if (this.#probing.has(key) || this.#peers.get(key)?.online) return;
    this.#probing.add(key);
    try {
      const kind = await this.#queries.probe(address);
      if (kind === 'classic') this.#setOnline(address, true);
      else this.events.emit('native', address);
    } catch (error) {
      this.#logger.debug('classic.unreachable', { ...address, reason: String(error) });
    } finally {
      this.#probing.delete(key);
    }
  }

  /** The literal names of rules, asked for in every round; asks at once for what is new. */
  async watch(names: readonly string[]): Promise<void> {
    const added = names.filter((name) => !this.#ruleNames.includes(name));
    this.#ruleNames = [...names];
    await this.#ask(added);
  }

  /** The online peers that have `name`, asked now; the name is asked for again in later rounds. */
  async seek(name: string): Promise<ClassicPeer[]> {
    this.#asked.delete(name);
    this.#asked.add(name);
    for (const oldest of this.#asked) {
      if (this.#asked.size <= MAX_ASKED_NAMES) break;
      this.#asked.delete(oldest);
    }
    await this.#ask([name]);
    return this.peers().filter((peer) => peer.online && peer.names.has(name));
  }

  /** Asks for everything, unless that is still being done. */
  async #round(peer: Peer): Promise<void> {
    if (peer.isInRound) return;
    peer.isInRound = true;
    await this.#askPeer(peer, [...new Set([...this.#ruleNames, ...this.#asked])]);
    peer.isInRound = false;
  }

  async #ask(names: readonly string[]): Promise<void> {
    await Promise.all([...this.#peers.values()].map((peer) => this.#askPeer(peer, names)));
  }

  /**
   * One name after the other: classic nodes often serve a single connection at a time. Whoever asks meanwhile waits for
   * one name of each who asked before, not for all of them.
   */
  async #askPeer(peer: Peer, names: readonly string[]): Promise<void> {
    for (const name of names) {
      peer.turn = peer.turn.then(() => this.#askFor(peer, name));
      await peer.turn;
    }
  }

  async #askFor(peer: Peer, name: string): Promise<void> {
    const { address, names } = peer;
    if (!peer.online) return;
    try {
      if (await this.#queries.search(address, name)) {
        names.add(name);
        this.events.emit('found', view(peer), name);
      } else {
        names.delete(name);
      }
    } catch (error) {
      this.#logger.debug('classic.unreachable', { ...address, reason: String(error) });
      this.#setOnline(address, false);
    }
  }

  #setOnline(address: PeerAddress, online: boolean): void {
    const key = keyOf(address);
    const unknown = {
      address,
      online: false,
      names: new Set<string>(),
      turn: Promise.resolve(),
      isInRound: false,
    };
    const peer = this.#peers.get(key) ?? unknown;
    this.#peers.set(key, peer);
    if (peer.online === online) return;
    peer.online = online;
    this.#logger.info(online ? 'classic.connected' : 'classic.disconnected', { ...address });
    this.events.emit('changed', view(peer));
    if (online) void this.#round(peer);
  }
}

function keyOf({ host, port }: PeerAddress): string {
  return `${host} ${port}`;
}

function view({ address, online, names }: Peer): ClassicPeer {
  return { ...address, online, names: new Set(names) };
}
